import type { SeriesSettings } from '../../model/settings/settings.js';

/** PromQL looks back 5 minutes: publishing at least this often keeps the interval visible whatever the step. */
const MAX_PUBLISH_INTERVAL_MS = 4 * 60_000;

/** When series are evaluated: every `intervalMs`, `delayMs` after the evaluation timestamp. */
export interface EvaluationSchedule {
  readonly intervalMs: number;
  /** Time for the last samples of a closed step to arrive. */
  readonly delayMs: number;
}

/** A step of up to 4 minutes is evaluated once, a longer one in as few equal parts as keep within 4 minutes. */
export function evaluationSchedule({ stepMs, publishDelayMs }: SeriesSettings): EvaluationSchedule {
  return { intervalMs: stepMs / Math.ceil(stepMs / MAX_PUBLISH_INTERVAL_MS), delayMs: publishDelayMs };
}

/** The timestamp of the forecast that is published at `evaluationMs`: whole intervals ahead, at most `leadMs`. */
export function forecastTimeMs({ intervalMs }: EvaluationSchedule, evaluationMs: number, leadMs: number): number {
  return Math.round(evaluationMs + Math.floor(leadMs / intervalMs) * intervalMs);
}

/** Prometheus refuses what is further ahead of its clock (storage/remote/write_handler.go, maxAheadTime). */
export const MAX_AHEAD_MS = 10 * 60_000;

/**
 * Whether `timeMs` may be published after `lastMs` was. Nothing is published twice, so publishing waits for a clock that was
 * set back; but not for hours, because it may have been ahead before: a target that took what was published then is not
 * written to at these times again (remote/write/sent-times.ts).
 */
export function isAfter(timeMs: number, lastMs: number): boolean {
  return timeMs > lastMs || timeMs < lastMs - MAX_AHEAD_MS;
}

/**
 * The number of the first evaluation that is not yet due at `nowMs` and comes after evaluation `last`. Evaluation `n` has its
 * timestamp at n × `intervalMs` and is due `delayMs` later, so a restarted process never repeats one of the process before.
 */
export function nextEvaluation({ intervalMs, delayMs }: EvaluationSchedule, nowMs: number, last: number): number {
  const next = Math.ceil((nowMs - delayMs) / intervalMs);
  return isAfter(next * intervalMs, last * intervalMs) ? next : last + 1;
}
