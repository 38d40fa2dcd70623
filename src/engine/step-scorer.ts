import { anomalyScore } from '../detect/score.js';
import { evaluateAt } from '../forecast/evaluate.js';
import type { SeriesStore } from '../series/series-store.js';
import { clip } from './clip.js';
import type { WatchedSeries } from './watched-series.js';

/** Says what is expected of a series at any instant, and scores its steps as they close. */
export class StepScorer {
  readonly #store: SeriesStore;
  readonly #band = new Float64Array(3);

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /**
   * Scores the step that ended last at or before the boundary, once; between the ends of long steps the last score
   * stands. Returns the value of the step, NaN where nothing came or it was scored before. The series must have a model.
   */
  scoreClosedStep(series: WatchedSeries, boundaryMs: number): number {
    const { stepMs, anomaly } = this.#store.settings(series.id);
    const stepEndMs = Math.floor(boundaryMs / stepMs) * stepMs;
    if (stepEndMs === series.scoredUntilMs) return Number.NaN;
    series.scoredUntilMs = stepEndMs;
    const observed = this.#store.stepValue(series.id, stepEndMs - stepMs);
    const band = this.expectedAt(series, stepEndMs - stepMs / 2);
    series.score = anomalyScore(observed, band[0]!, band[1]!, band[2]!, anomaly);
    return observed;
  }

  /**
   * [yhat, lower, upper] at one instant, clipped to what the metric can be; valid until the next call. The series must
   * have a model.
   */
  expectedAt({ id, model }: WatchedSeries, timeMs: number): Float64Array {
    const { prophet, bounds } = this.#store.settings(id);
    evaluateAt(model!, timeMs, prophet.intervalWidth, this.#band);
    clip(this.#band, bounds);
    return this.#band;
  }
}
