import { type Design, scaleTime } from './design.js';
import { fourierColumns, type Phases, phasesOf } from './fourier.js';
import { Regressors } from './regressors.js';

/** Ascending times on which models are fitted or evaluated: what depends on the times alone is worked out once for all. */
export class TimeGrid {
  /** Shared with every forecast on this grid. */
  readonly timesMs: Float64Array;
  readonly #phases = new Map<number, Phases>();
  readonly #regressors = new Map<string, Regressors>();

  constructor(timesMs: Float64Array) {
    this.timesMs = timesMs;
  }

  /** The phases of the times in a period; the caller must not change them. */
  phases(periodMs: number): Phases {
    let phases = this.#phases.get(periodMs);
    if (phases === undefined) {
      phases = phasesOf(this.timesMs, periodMs);
      this.#phases.set(periodMs, phases);
    }
    return phases;
  }

  /** The columns of a design of samples at these times. */
  regressors(design: Design): Regressors {
    const { changepoints, growth, seasonalities } = design;
    const periods = seasonalities.map(({ periodMs, fourierOrder }) => `${periodMs}/${fourierOrder}`);
    // Changepoints are even over the samples, so their number and the last one identify them.
    const key = `${growth} ${changepoints.length} ${changepoints.at(-1)} ${periods}`;
    let regressors = this.#regressors.get(key);
    if (regressors === undefined) {
      const t = this.timesMs.map((timeMs) => scaleTime(design, timeMs));
      const features = seasonalities.flatMap((seasonality) => fourierColumns(this.timesMs, seasonality));
      regressors = new Regressors(t, changepoints, growth === 'flat', features);
      this.#regressors.set(key, regressors);
    }
    return regressors;
  }
}
