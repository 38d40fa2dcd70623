import { TimeGrid } from '../../forecast/design/time-grid.js';
import type { Forecast } from '../../model/samples/columns.js';
import type { SeriesStore } from '../../series/series-store.js';
import { forecastOn } from '../expectation/expectation.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/** Times that a forecast is evaluated at in one go: some 2 ms. */
const PIECE_TIMES = 4_096;

/**
 * The times of a query, at which several series are evaluated, piece by piece: one series over a year holds the event loop no
 * longer than many over a day.
 */
export class PiecewiseGrid {
  /** Shared with every forecast on this grid. */
  readonly timesMs: Float64Array;
  readonly #grids: readonly TimeGrid[];

  /** `timesMs` ascend. */
  constructor(timesMs: Float64Array) {
    this.timesMs = timesMs;
    const pieces = Math.max(1, Math.ceil(timesMs.length / PIECE_TIMES));
    this.#grids = Array.from(
      { length: pieces },
      (_, i) => new TimeGrid(pieces === 1 ? timesMs : timesMs.subarray(i * PIECE_TIMES, (i + 1) * PIECE_TIMES)),
    );
  }

  /**
   * `forecastOn` at all of the times. `pause` is awaited between two pieces and says whether to go on; undefined where it does not.
   * What is learnt of the series meanwhile counts from the next piece on.
   */
  async forecast(
    store: SeriesStore,
    series: TrackedSeries,
    pause: () => Promise<boolean>,
  ): Promise<Forecast | undefined> {
    const { timesMs } = this;
    const [only, ...others] = this.#grids as [TimeGrid, ...TimeGrid[]];
    const first = forecastOn(store, series, only);
    if (others.length === 0) return first;
    const whole = {
      timesMs,
      yhat: new Float64Array(timesMs.length),
      yhatLower: new Float64Array(timesMs.length),
      yhatUpper: new Float64Array(timesMs.length),
    };
    copy(first, whole, 0);
    for (const [i, grid] of others.entries()) {
      if (!(await pause())) return undefined;
      copy(forecastOn(store, series, grid), whole, (i + 1) * PIECE_TIMES);
    }
    return whole;
  }
}

function copy(from: Forecast, to: Forecast, at: number): void {
  to.yhat.set(from.yhat, at);
  to.yhatLower.set(from.yhatLower, at);
  to.yhatUpper.set(from.yhatUpper, at);
}
