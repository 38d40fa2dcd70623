import type { Registry } from 'prom-client';
import type { SeriesStore } from '../../series/series-store.js';
import { Exclusions } from '../exclusions/exclusions.js';
import { hasLimits } from '../limits/limits.js';
import { type Evaluated, StepScorer } from '../scoring/step-scorer.js';
import { leavePublishing } from '../series/publish-state.js';
import { forgetScore } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type EvaluationSchedule, isAfter } from './evaluation-schedule.js';
import type { ForecastWriter } from './forecast-writer.js';
import { Presence } from './presence.js';
import { Publisher } from './publisher.js';

/** Evaluates series: checks that one is there, scores the step that closed, and publishes. */
export class Evaluator {
  readonly #store: SeriesStore;
  readonly #presence: Presence;
  readonly #scorer: StepScorer;
  readonly #publisher: Publisher;

  /** `ownershipGraceMs`: see `noteOwnership`; 0, the default, where no other Sentio publishes. */
  constructor(options: {
    store: SeriesStore;
    writer: ForecastWriter;
    exclusions?: Exclusions;
    ownershipGraceMs?: number;
    registry: Registry;
  }) {
    const { store, writer, exclusions = new Exclusions(store), ownershipGraceMs = 0, registry } = options;
    this.#store = store;
    this.#presence = new Presence({ store, writer, exclusions, ownershipGraceMs, registry });
    this.#scorer = new StepScorer(store, exclusions);
    this.#publisher = new Publisher(store, writer);
  }

  /** Adds a series; `cameMs` is when it first came, −∞ for one that was there before. */
  add(series: TrackedSeries, cameMs: number): void {
    this.#presence.add(series, cameMs);
  }

  /** Ends everything that is published of a series, which the store must still know. */
  remove(series: TrackedSeries, nowMs: number): void {
    this.end(series, nowMs);
    this.#presence.remove(series, nowMs);
  }

  /** Evaluates one series at an evaluation timestamp. Returns what was scored; undefined where nothing was. */
  evaluate(series: TrackedSeries, evaluationMs: number, schedule: EvaluationSchedule): Evaluated | undefined {
    const presence = this.#presence.check(series, evaluationMs);
    if (presence === 'ended') this.end(series, evaluationMs);
    if (presence === 'elsewhere') this.#leave(series);
    if (presence !== 'present' || (series.model === undefined && !hasLimits(this.#store, series))) return undefined;
    // Where the clock was set back, that step was scored and published before.
    const scored = isAfter(evaluationMs, series.lastScoreMs) ? this.#scorer.score(series, evaluationMs) : undefined;
    this.#publisher.publish(series, scored, evaluationMs, schedule);
    return scored;
  }

  /** Ends the score and the alarm that are published of a series, at once: its time is excluded. */
  endScore(series: TrackedSeries, nowMs: number): void {
    this.#publisher.endScore(series, nowMs);
    forgetScore(series);
  }

  /** Ends what is published of a series, because its source ended or its series will have other names. */
  end(series: TrackedSeries, nowMs: number): void {
    this.#publisher.end(series, nowMs);
    forgetScore(series);
  }

  /** Without stale markers: they would end what the other Sentio publishes. */
  #leave(series: TrackedSeries): void {
    leavePublishing(series);
    forgetScore(series);
  }
}
