import { fourierColumns } from './fourier.js';

/** Ascending times at which one model or many are evaluated: their sines and cosines are worked out once. */
export class TimeGrid {
  /** Shared with every forecast on this grid. */
  readonly timesMs: Float64Array;
  readonly #columns = new Map<string, readonly Float64Array[]>();

  constructor(timesMs: Float64Array) {
    this.timesMs = timesMs;
  }

  /** As `fourierColumns`; not the caller's to change. */
  columns(periodMs: number, fourierOrder: number): readonly Float64Array[] {
    const key = `${periodMs}/${fourierOrder}`;
    const columns = this.#columns.get(key) ?? fourierColumns(this.timesMs, { periodMs, fourierOrder });
    this.#columns.set(key, columns);
    return columns;
  }
}
