import type { ExcludedTime, Exclusion } from '../../../engine/exclusions/exclusion.js';
import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import type {
  AcceptanceJson,
  ExcludedTimeJson,
  ExclusionJson,
  SpecialDayJson,
  SpecialSpanJson,
} from '../json/exclusions.js';

type SpecialSpan = ReturnType<EngineQueries['specialDays']>[number];

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function exclusionJson(exclusion: Exclusion, nowMs: number): ExclusionJson {
  const { id, kind, match, reason, fromMs, toMs, createdMs, accepted } = exclusion;
  return {
    id,
    kind,
    match,
    start: fromMs / 1000,
    end: toMs / 1000,
    created: createdMs / 1000,
    reason,
    state: nowMs < fromMs ? 'pending' : nowMs < toMs ? 'active' : 'expired',
    accepted_alarms: accepted.length,
  };
}

export function excludedTimeJson({ id, kind, reason, fromMs, toMs, alarms, learn }: ExcludedTime): ExcludedTimeJson {
  return { start: fromMs / 1000, end: toMs / 1000, kind, ...(id !== undefined && { id }), reason, alarms, learn };
}

export function acceptanceJson({ id, reason, createdMs, fromMs, toMs }: Exclusion): AcceptanceJson {
  return { id, reason, created: createdMs / 1000, start: fromMs / 1000, end: toMs / 1000 };
}

export function specialDayJson({ name, meaning }: Pick<SpecialSpan, 'name' | 'meaning'>): SpecialDayJson {
  const text = specialDayText({ name, meaning });
  if (meaning.kind === 'like') return { name, like: WEEKDAYS[meaning.weekday]!.toLowerCase(), text };
  return meaning.kind === 'learn' ? { name, learn: true, text } : { name, ignore: true, text };
}

export function specialSpanJson(span: SpecialSpan): SpecialSpanJson {
  return { start: span.fromMs / 1000, end: span.toMs / 1000, ...specialDayJson(span) };
}

/** What the calendar of a rule says of a day, as one would say it. */
export function specialDayText({ name, meaning }: Pick<SpecialSpan, 'name' | 'meaning'>): string {
  if (meaning.kind === 'ignore') return `neither learnt nor scored: ${name}`;
  if (meaning.kind === 'learn') return `learnt as a day of its own: ${name}`;
  return `expected as a ${WEEKDAYS[meaning.weekday]}: ${name}`;
}

/** Why a time is excluded and what that means, in a sentence. */
export function excludedText({ kind, reason, toMs, alarms, learn }: ExcludedTime): string {
  const what = kind === 'rule' ? 'by its rule' : `as ${kind.replaceAll('_', ' ')}`;
  const effect = alarms
    ? 'Alarms are as ever, nothing is learnt'
    : `No alarms, ${learn ? 'but it' : 'nothing'} is learnt`;
  return `Excluded ${what} until ${iso(toMs)}${reason === '' ? '' : ` (${reason})`}. ${effect}.`;
}

/** What a person said because of which an alarm is suppressed, in a sentence. */
export function acceptanceText({ createdMs, reason }: Exclusion): string {
  const because = reason === '' ? '' : ` (${reason})`;
  return `Accepted: this, or the like of it, was marked as no anomaly at ${iso(createdMs)}${because}.`;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
