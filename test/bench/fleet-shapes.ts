import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ringIndex, storedSlots } from '#src/model/ring-view.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { serverLoad } from '../forecast/series.js';

const SLOT_MS = 10 * 60_000;
/** 15 days. */
const SLOTS = 15 * 144;
const EVAL = process.env.SENTIO_EVAL_DIR ?? join(import.meta.dirname, '../../../shared/eval');

/** Fifteen days in ten-minute means of every labelled series of `shared/eval/public`; made up where that is not there. */
export class FleetShapes {
  readonly #shapes: readonly Float64Array[];

  constructor() {
    const folder = join(EVAL, 'public');
    if (existsSync(folder)) {
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const series = files.filter((path) => /.+\/.+\.csv$/.test(path)).sort();
      this.#shapes = series.map((path) => readShape(join(folder, path)));
    } else {
      console.log(`${folder} is not there: the shapes are made up`);
      this.#shapes = Array.from({ length: 20 }, (_, seed) => serverLoad(SLOTS / 6, 6, seed).values);
    }
  }

  get size(): number {
    return this.#shapes.length;
  }

  /** What the series is about at an instant, between two slots in proportion; the fifteen days come again and again. */
  valueAt(series: number, timeMs: number): number {
    const shape = this.#shapes[series % this.#shapes.length]!;
    const slot = Math.floor(timeMs / SLOT_MS);
    const share = timeMs / SLOT_MS - slot;
    return shape[slot % SLOTS]! * (1 - share) + shape[(slot + 1) % SLOTS]! * share;
  }

  /** Writes the past into the rings of every series that reach back by their first sample and have one now. */
  fillHistory(store: SeriesStore): void {
    for (const id of store.ids()) {
      const shape = this.#shapes[id % this.#shapes.length]!;
      const { history } = store.trainingView(id);
      const stored = storedSlots(history);
      const { capacity, base, newestSlot } = history;
      for (let slot = newestSlot - capacity + 1; slot < newestSlot; slot++)
        stored[ringIndex(slot, capacity)] = shape[slot % SLOTS]! - base;
    }
  }
}

/** Means of all slots that have a value, one after the other; a short series is repeated. */
function readShape(file: string): Float64Array {
  const means = new Map<number, { sum: number; count: number }>();
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const [time, value] = line.split(',');
    if (value === undefined || value === '') continue;
    const slot = Math.floor((Number(time) * 1000) / SLOT_MS);
    const mean = means.get(slot) ?? { sum: 0, count: 0 };
    mean.sum += Number(value);
    mean.count++;
    means.set(slot, mean);
  }
  const values = [...means.values()].map(({ sum, count }) => sum / count);
  return Float64Array.from({ length: SLOTS }, (_, i) => values[i % values.length]!);
}
