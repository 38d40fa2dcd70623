import type { AcceptedAlarm } from '../../detect/accepted-alarms.js';
import { hasExpression, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { parseSelector } from '../../model/labels/selector.js';
import type { TimeSpan } from '../../model/samples/ring-view.js';
import type { ExclusionEffect } from '../../model/settings/excluded-times.js';

/** What a person says of a time of some series. */
export const EXCLUSION_KINDS = ['maintenance', 'not_an_anomaly', 'incident'] as const;

export type ExclusionKind = (typeof EXCLUSION_KINDS)[number];

/** A time of some series about which a person knows better. */
export interface Exclusion extends TimeSpan {
  readonly id: string;
  readonly kind: ExclusionKind;
  /** Selectors; a series belongs to it that any of them matches. */
  readonly match: readonly string[];
  readonly reason: string;
  readonly createdMs: number;
  /** Of `not_an_anomaly`: the alarms of that time, whose like is none, by series as PromQL writes it. */
  readonly accepted: readonly (AcceptedAlarm & { readonly series: string })[];
}

/** What becomes of the steps of that time. */
export const EFFECTS: Readonly<Record<ExclusionKind, ExclusionEffect>> = {
  maintenance: { alarms: false, learn: false },
  not_an_anomaly: { alarms: false, learn: true },
  incident: { alarms: true, learn: false },
};

/** A time of one series that is excluded: by its rule, or by a person. */
export interface ExcludedTime extends TimeSpan, ExclusionEffect {
  readonly kind: ExclusionKind | 'rule';
  /** For people; may be empty. */
  readonly reason: string;
  /** Of what a person excluded. */
  readonly id?: string;
}

const counts = new WeakMap<readonly string[], number>();

/** How many regular expressions selectors have together; counted once for each list, because that compiles them. */
export function expressionsInAll(match: readonly string[]): number {
  let count = counts.get(match);
  if (count === undefined) {
    count = match.reduce((sum, text) => sum + expressionsIn(text), 0);
    counts.set(match, count);
  }
  return count;
}

/** How many regular expressions a selector has. Throws for what is no selector. */
export function expressionsIn(selector: string): number {
  return parseSelector(selector, REQUEST_LIMITS).filter(hasExpression).length;
}
