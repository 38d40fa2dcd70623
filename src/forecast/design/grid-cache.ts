import { TimeGrid } from './time-grid.js';

/** Enough for two resolutions, each with and without a gap. A grid is some 300 kB. */
const MAX_GRIDS = 4;

/**
 * The grids of the last fits. The histories of a fleet have the same buckets, so most series reuse what was computed
 * for the one before.
 */
export class GridCache {
  /** Most recently used first. */
  readonly #grids: TimeGrid[] = [];

  /** The grid of exactly these times. */
  gridOf(timesMs: Float64Array): TimeGrid {
    const found = this.#grids.findIndex((grid) => areEqual(grid.timesMs, timesMs));
    const grid = found < 0 ? new TimeGrid(timesMs) : this.#grids.splice(found, 1)[0]!;
    this.#grids.unshift(grid);
    if (this.#grids.length > MAX_GRIDS) this.#grids.pop();
    return grid;
  }
}

function areEqual(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
