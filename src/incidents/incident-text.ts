import { formatDuration } from '../lib/durations.js';
import { changeText, leadText } from '../markers/marker-text.js';
import { formatLabels, quote } from '../model/labels/labels.js';
import type { Cause, EventCause, Incident } from './incident.js';
import { type Pair, RULE } from './population.js';

/** A label value as PromQL writes it, or the rule. */
function pairText({ name, value }: Pair): string {
  return name === RULE ? `rule ${quote(value)}` : `${name}=${quote(value)}`;
}

/** What the members of an incident came together by, in a few words; the same for the same label value. */
export function groupText({ groupedBy, members, series }: Pick<Incident, 'groupedBy' | 'members' | 'series'>): string {
  if (groupedBy !== undefined) return pairText(groupedBy);
  return series === 1 ? members[0]!.key : 'the whole fleet';
}

/** What happened, in a few sentences. */
export function incidentText(incident: Incident): string {
  const { series, of, missingSeries, startMs, lastMs, isOpen, peakScore, causes, events, members } = incident;
  const time = (timeMs: number) => new Date(timeMs).toISOString();
  const who = series === 1 ? members[0]!.key : `${series} of ${Math.max(of, series)} series of ${groupText(incident)}`;
  const when = isOpen ? `since ${time(startMs)}` : `from ${time(startMs)} to ${time(lastMs)}`;
  const what = missingSeries === series ? 'missing' : 'in alarm';
  const how = peakScore > 0 ? `, highest score ${peakScore.toFixed(1)}` : '';
  const missing = missingSeries > 0 && missingSeries < series ? ` ${missingSeries} of them are missing.` : '';
  const others = causes.slice(0, 1).filter((cause) => !isGroup(cause, incident));
  const hints = [...events.slice(0, 1).map(eventCauseText), ...others.map(causeText)];
  const hint = hints.length === 0 ? '' : ` A hint, not a proof: ${hints.join('. Or: ')}.`;
  return `${who}: ${what} ${when}${how}.${missing}${hint}`;
}

/** Whether a cause says no more than what the members came together by. */
function isGroup({ label, leadMs, connected }: Cause, { groupedBy }: Pick<Incident, 'groupedBy'>): boolean {
  return leadMs === 0 && connected === 0 && label.name === groupedBy?.name && label.value === groupedBy.value;
}

/** Why something may be the cause. */
export function causeText({ label, series, of, leadMs, connected }: Cause): string {
  const share = `${series} of ${of} series of ${pairText(label)} are part of it`;
  const lead = leadMs > 0 ? `, and began ${formatDuration(leadMs)} before the others` : '';
  const connection = connected > 0 ? `; ${connected} of the others name it in a label` : '';
  return share + lead + connection;
}

/** What happened before, and whom it may concern. */
export function eventCauseText({ event, events, series, leadMs }: EventCause): string {
  const of =
    events > 1 ? `, the first of ${events},` : event.labels.length === 0 ? '' : ` of ${formatLabels(event.labels)}`;
  const whom = series === 1 ? '1 series' : `${series} series`;
  return `${event.marker}${of} ${leadText(leadMs)} (${changeText(event)}), which may concern ${whom} of it`;
}
