import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ringIndex, storedBuckets } from '#src/model/samples/ring-view.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { serverLoad } from '../forecast/series.js';

const BUCKET_MS = 10 * 60_000;
/** 15 days. */
const BUCKETS = 15 * 144;
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
      this.#shapes = Array.from({ length: 20 }, (_, seed) => serverLoad(BUCKETS / 6, 6, seed).values);
    }
  }

  get size(): number {
    return this.#shapes.length;
  }

  /** What the series is about at an instant, between two buckets in proportion; the fifteen days come again and again. */
  valueAt(series: number, timeMs: number): number {
    const shape = this.#shapes[series % this.#shapes.length]!;
    const bucket = Math.floor(timeMs / BUCKET_MS);
    const share = timeMs / BUCKET_MS - bucket;
    return shape[bucket % BUCKETS]! * (1 - share) + shape[(bucket + 1) % BUCKETS]! * share;
  }

  /** Writes the past into the rings of every series that reach back by their first sample and have one now. */
  fillBucket(store: SeriesStore): void {
    for (const id of store.ids()) {
      const shape = this.#shapes[id % this.#shapes.length]!;
      const { coarse: history } = store.trainingView(id);
      const stored = storedBuckets(history);
      const { capacity, base, newestBucket } = history;
      for (let bucket = newestBucket - capacity + 1; bucket < newestBucket; bucket++)
        stored[ringIndex(bucket, capacity)] = shape[bucket % BUCKETS]! - base;
    }
  }
}

/** Means of all buckets that have a value, one after the other; a short series is repeated. */
function readShape(file: string): Float64Array {
  const means = new Map<number, { sum: number; count: number }>();
  for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
    const [time, value] = line.split(',');
    if (value === undefined || value === '') continue;
    const bucket = Math.floor((Number(time) * 1000) / BUCKET_MS);
    const mean = means.get(bucket) ?? { sum: 0, count: 0 };
    mean.sum += Number(value);
    mean.count++;
    means.set(bucket, mean);
  }
  const values = [...means.values()].map(({ sum, count }) => sum / count);
  return Float64Array.from({ length: BUCKETS }, (_, i) => values[i % values.length]!);
}
