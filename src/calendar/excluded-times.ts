import type { TimeSpan } from '../model/samples/ring-view.js';
import type { ExcludeSettings, ExclusionEffect } from '../model/settings/excluded-times.js';
import { instantOf } from './clock-time.js';
import { CronTimes } from './cron-times.js';
import { RuleCalendar } from './rule-calendar.js';
import { type TimeZone, timeZone } from './time-zone.js';

const DAY_MS = 86_400_000;
/** A series asks for the days of its history: more are asked for by mistake. */
const MAX_DAYS = 4_000;

/** What a series goes by: see `SeriesSettings`. */
export interface ExcludeRules {
  readonly timezone: string;
  readonly exclude: readonly ExcludeSettings[];
}

/** One excluded time. */
export interface ExcludedSpan extends TimeSpan, ExclusionEffect {
  readonly name: string;
}

/** The times that a rule excludes, by its local clock. Reads no clock: days are worked out when they are asked for. */
export class ExcludedTimes {
  /** False: no time is excluded. */
  readonly hasAny: boolean;
  readonly #sources: readonly ((fromMs: number, toMs: number) => ExcludedSpan[])[];
  readonly #days = new Map<number, readonly ExcludedSpan[]>();

  constructor({ timezone, exclude }: ExcludeRules) {
    const zone = timeZone(timezone);
    this.hasAny = exclude.length > 0;
    this.#sources = exclude.map((settings) => sourceOf(settings, zone));
  }

  /** Every excluded time that an instant belongs to. */
  at(timeMs: number): readonly ExcludedSpan[] {
    if (!this.hasAny) return NONE;
    return this.#dayOf(timeMs).filter(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs);
  }

  /** Every excluded time that has a part in [fromMs, toMs), in order. */
  between(fromMs: number, toMs: number): ExcludedSpan[] {
    const spans = this.#sources.flatMap((source) => source(fromMs, toMs));
    return spans.sort((a, b) => a.fromMs - b.fromMs);
  }

  /** The times that are not learnt and have a part in [fromMs, toMs), in no order. */
  notLearnt(fromMs: number, toMs: number): TimeSpan[] {
    if (!this.hasAny) return [];
    const spans = this.#sources.flatMap((source) => source(fromMs, toMs));
    return merged(spans.filter(({ learn }) => !learn));
  }

  #dayOf(timeMs: number): readonly ExcludedSpan[] {
    const day = Math.floor(timeMs / DAY_MS);
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    if (this.#days.size >= MAX_DAYS) this.#days.clear();
    const spans = this.#sources.flatMap((source) => source(day * DAY_MS, (day + 1) * DAY_MS));
    this.#days.set(day, spans.length === 0 ? NONE : spans);
    return spans;
  }
}

const NONE: readonly ExcludedSpan[] = [];

/** What gives the spans that have a part in [fromMs, toMs). */
function sourceOf({ when, ...effect }: ExcludeSettings, zone: TimeZone) {
  const overlapping = (fromMs: number, toMs: number, spans: readonly TimeSpan[]): ExcludedSpan[] =>
    spans.filter((span) => span.fromMs < toMs && span.toMs > fromMs).map((span) => ({ ...effect, ...span }));
  if (when.kind === 'once') {
    const span = { fromMs: instantOf(when.from, zone), toMs: instantOf(when.to, zone) };
    return (fromMs: number, toMs: number) => overlapping(fromMs, toMs, [span]);
  }
  if (when.kind === 'cron') {
    const { lengthMs } = when;
    const times = new CronTimes(when.expression);
    return (fromMs: number, toMs: number) => {
      // A day more, because a change of summer time moves a time by an hour or two.
      const starts = times.between(zone.toLocal(fromMs) - lengthMs - DAY_MS, zone.toLocal(toMs) + DAY_MS);
      const spans = starts.map((localMs) => zone.toInstant(localMs));
      return overlapping(
        fromMs,
        toMs,
        spans.map((startMs) => ({ fromMs: startMs, toMs: startMs + lengthMs })),
      );
    };
  }
  const days = { calendar: when.calendar, meaning: { kind: 'ignore' }, beforeMs: 0, afterMs: 0 } as const;
  const calendar = new RuleCalendar({ timezone: zone.name, specialDays: [days] });
  return (fromMs: number, toMs: number) =>
    overlapping(
      fromMs,
      toMs,
      calendar.ignoredSpans(fromMs, toMs).map((span) => ({ fromMs: span.fromMs, toMs: span.toMs })),
    );
}

/** Spans in order of time, those that touch each other as one: a fit looks at each for every bucket. */
function merged(spans: readonly TimeSpan[]): TimeSpan[] {
  const found: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = found.at(-1);
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else found.push({ fromMs, toMs });
  }
  return found;
}

const excludedTimes = new WeakMap<ExcludeRules, ExcludedTimes>();

/** The excluded times of a rule's settings: the same at each call, and for as long as these are kept. */
export function excludedTimesOf(settings: ExcludeRules): ExcludedTimes {
  let times = excludedTimes.get(settings);
  if (times === undefined) {
    times = new ExcludedTimes(settings);
    excludedTimes.set(settings, times);
  }
  return times;
}
