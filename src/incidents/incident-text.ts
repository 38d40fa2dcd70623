import { formatDuration } from '../lib/durations.js';
import { quote } from '../model/labels/labels.js';
import type { Cause, Incident } from './incident.js';
import { type Pair, RULE } from './population.js';

/** A label value as PromQL writes it, or the rule. */
function pairText({ name, value }: Pair): string {
  return name === RULE ? `rule ${quote(value)}` : `${name}=${quote(value)}`;
}

/** What the members of an incident came together by, in a few words; the same for the same label value. */
export function groupText({ groupedBy, members, series }: Pick<Incident, 'groupedBy' | 'members' | 'series'>): string {
  if (groupedBy !== undefined) return pairText(groupedBy);
  return series === 1 ? members[0]!.key : 'many series';
}

/** What happened, in a few sentences. */
export function incidentText(incident: Incident): string {
  const { series, of, missingSeries, startMs, lastMs, isOpen, peakScore, causes, members } = incident;
  const time = (timeMs: number) => new Date(timeMs).toISOString();
  const who = series === 1 ? members[0]!.key : `${series} of ${Math.max(of, series)} series of ${groupText(incident)}`;
  const when = isOpen ? `since ${time(startMs)}` : `from ${time(startMs)} to ${time(lastMs)}`;
  const what = missingSeries === series ? 'missing' : 'in alarm';
  const how = peakScore > 0 ? `, highest score ${peakScore.toFixed(1)}` : '';
  const missing = missingSeries > 0 && missingSeries < series ? ` ${missingSeries} of them are missing.` : '';
  const [cause] = causes;
  const hint = cause === undefined ? '' : ` A hint, not a proof: ${causeText(cause)}.`;
  return `${who}: ${what} ${when}${how}.${missing}${hint}`;
}

/** Why something may be the cause. */
export function causeText({ label, series, of, leadMs, connected }: Cause): string {
  const share = `${series} of ${of} series of ${pairText(label)} are part of it`;
  const lead = leadMs > 0 ? `, and began ${formatDuration(leadMs)} before the others` : '';
  const connection = connected > 0 ? `; ${connected} of the others name it in a label` : '';
  return share + lead + connection;
}
