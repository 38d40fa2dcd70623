import type { ExcludedTimeJson } from '../../http/api/json/exclusions.js';

/** What an excluded time is, and why: `maintenance: disk swap`. */
export function exclusionName(kind: ExcludedTimeJson['kind'], reason: string): string {
  const name = kind === 'rule' ? 'excluded by its rule' : kind.replaceAll('_', ' ');
  return reason === '' ? name : `${name}: ${reason}`;
}
