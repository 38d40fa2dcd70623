import { parseDuration } from '../../lib/durations.js';
import type { IcalSource } from '../../model/settings/ical-source.js';
import type { CalendarEvent } from '../../model/settings/special-days.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { type EffectiveReadPeer, resolvePeer } from './peers.js';

/** The keys of a calendar that say where its iCalendar is. */
interface IcalKeys {
  readonly name: string;
  readonly ical_file?: string;
  readonly ical?: Pick<EffectiveReadPeer, 'url' | 'proxy_from_environment' | 'headers' | 'remote_timeout'> &
    Partial<Pick<EffectiveReadPeer, 'tls_config'>> & { readonly refresh_interval: string };
}

/** Where the iCalendar of a calendar comes from, which has `events` so far; undefined for a calendar without one. */
export function resolveIcalSource(
  { name, ical_file, ical }: IcalKeys,
  events: readonly CalendarEvent[],
  path: Path,
  review: Review,
): IcalSource | undefined {
  if (ical_file !== undefined) return { calendar: name, events, file: ical_file };
  if (ical === undefined) return undefined;
  const endpoint = resolvePeer({ ...ical, name }, [...path, 'ical'], review);
  return { calendar: name, events, endpoint, refreshIntervalMs: parseDuration(ical.refresh_interval) };
}
