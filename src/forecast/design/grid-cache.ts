import { TimeGrid } from './time-grid.js';

/** Layouts of history in use at one time, say two resolutions, each also with a gap. A grid is some 300 kB. */
const MAX_GRIDS = 4;

/**
 * The grids that samples stood on lately. Histories of a fleet stand on the same buckets, so most series find there what
 * the one before them had to work out.
 */
export class GridCache {
  /** Used last, first. */
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
