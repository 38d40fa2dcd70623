import type { SeriesSettings } from '../../model/settings.js';

/** PromQL looks back 5 minutes: publishing at least this often keeps the interval visible whatever the step. */
const MAX_PUBLISH_INTERVAL_MS = 4 * 60_000;

/** Series that are published together: every `intervalMs`, `delayMs` after the boundary. */
export interface PublishSchedule {
  readonly intervalMs: number;
  /** Time for the last samples of a closed step to arrive. */
  readonly delayMs: number;
}

/** A step of up to 4 minutes is published once, a longer one in as few equal parts as keep within 4 minutes. */
export function publishSchedule({ stepMs, publishDelayMs }: SeriesSettings): PublishSchedule {
  return { intervalMs: stepMs / Math.ceil(stepMs / MAX_PUBLISH_INTERVAL_MS), delayMs: publishDelayMs };
}

/** The timestamp of the interval that the round at a boundary publishes: whole intervals ahead, at most `leadMs`. */
export function forecastTimeMs({ intervalMs }: PublishSchedule, evaluationMs: number, leadMs: number): number {
  return Math.round(evaluationMs + Math.floor(leadMs / intervalMs) * intervalMs);
}

/** Prometheus refuses what is further ahead of its clock (storage/remote/write_handler.go, maxAheadTime). */
const MAX_AHEAD_MS = 10 * 60_000;

/**
 * Whether `timeMs` may be published after `lastMs` was. Nothing is published twice: a clock that was set back is waited
 * for. But not for days: if it was so far ahead, targets will have refused what was published then.
 */
export function isAfter(timeMs: number, lastMs: number): boolean {
  return timeMs > lastMs || timeMs < lastMs - MAX_AHEAD_MS;
}

/**
 * The number of the first round that is not yet due at `nowMs` and comes after round `last`. Round `n` has its boundary at
 * n × `intervalMs` and is due `delayMs` later. A restarted service so never repeats a round that an earlier one did.
 */
export function nextRound({ intervalMs, delayMs }: PublishSchedule, nowMs: number, last: number): number {
  const round = Math.ceil((nowMs - delayMs) / intervalMs);
  return isAfter(round * intervalMs, last * intervalMs) ? round : last + 1;
}
