import { grown } from '../core/columns.js';
import type { WriteBatch } from '../core/write-batch.js';

/**
 * The order in which the samples of a request are delivered: as they came, unless those of one series did not come in order
 * of time, as Telegraf batches them, OpenTelemetry queues them and parallel queues mix them. Then all of them are sorted by time.
 * Made once and refilled; the memory is that of the largest request.
 */
export class SampleOrder {
  /** Of each TimeSeries of the request, what the sink resolved it to. */
  refs = new Int32Array(0);
  /** By ref, in open addressing: the newest time so far. 0 marks a free place. */
  #keys = new Int32Array(0);
  #newestMs = new Float64Array(0);

  /** Makes room for the refs of a request. */
  begin({ seriesCount }: WriteBatch): void {
    if (seriesCount > this.refs.length) this.refs = grown(this.refs, new Int32Array(2 * seriesCount));
  }

  /** The samples of tracked series in order of time; undefined where they may be delivered as they came. */
  sorted(batch: WriteBatch): Uint32Array | undefined {
    if (batch.isAscending || !this.#hasDisorder(batch)) return undefined;
    const tracked: number[] = [];
    let sample = 0;
    for (let series = 0; series < batch.seriesCount; series++) {
      for (; sample < batch.samplesEnd[series]!; sample++) if (this.refs[series]! >= 0) tracked.push(sample);
    }
    const { timesMs } = batch;
    return Uint32Array.from(tracked).sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  }

  /** Whether a sample of a series comes after a newer one. */
  #hasDisorder({ seriesCount, samplesEnd, timesMs }: WriteBatch): boolean {
    this.#clear(seriesCount);
    let sample = 0;
    for (let series = 0; series < seriesCount; series++) {
      const end = samplesEnd[series]!;
      const ref = this.refs[series]!;
      if (ref < 0 || sample === end) {
        sample = end;
        continue;
      }
      const at = this.#placeOf(ref);
      let newestMs = this.#keys[at] === 0 ? Number.NEGATIVE_INFINITY : this.#newestMs[at]!;
      for (; sample < end; sample++) {
        const timeMs = timesMs[sample]!;
        if (timeMs < newestMs) return true;
        newestMs = timeMs;
      }
      this.#keys[at] = ref + 1;
      this.#newestMs[at] = newestMs;
    }
    return false;
  }

  #clear(seriesCount: number): void {
    if (2 * seriesCount > this.#keys.length) {
      const places = 2 ** Math.ceil(Math.log2(2 * seriesCount));
      this.#keys = new Int32Array(places);
      this.#newestMs = new Float64Array(places);
    } else {
      this.#keys.fill(0);
    }
  }

  #placeOf(ref: number): number {
    const mask = this.#keys.length - 1;
    let at = Math.imul(ref, 0x9e3779b1) & mask;
    while (this.#keys[at] !== 0 && this.#keys[at] !== ref + 1) at = (at + 1) & mask;
    return at;
  }
}
