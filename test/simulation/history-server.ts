import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { compileMatchers } from '#src/model/labels/matcher.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { decodeReadRequest } from '#src/wire/read/read-request.js';
import { ReadResponseEncoder, type ReadSeries } from '#src/wire/read/read-response.js';
import type { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';
import type { Answer, Request } from './network.js';
import { isThere, type SimulatedSeries, scrapeTimes } from './workload.js';

export const HISTORY_MOODS = [
  'well',
  'failing',
  'busy',
  'too much',
  'hanging',
  'half-closing',
  'nonsense',
  'down',
] as const;
export type HistoryMood = (typeof HISTORY_MOODS)[number];

/** The database of the simulated Prometheus: serves by remote-read what was scraped until now. */
export class HistoryServer {
  mood: HistoryMood = 'well';
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #series: readonly SimulatedSeries[];
  readonly #snappy = new SnappyDecoder();

  constructor(clock: SimulatedClock, random: Random, series: readonly SimulatedSeries[]) {
    this.#clock = clock;
    this.#random = random;
    this.#series = series;
  }

  serve(request: Request): Answer | 'refuse' | 'reset' | 'hang' {
    switch (this.mood) {
      case 'well':
        return this.#answer(request);
      case 'failing':
        return { status: 500 };
      case 'busy':
        return { status: 503, headers: { 'retry-after': '30' } };
      case 'too much':
        return this.#random.uniform() < 0.5 ? { status: 413 } : this.#answer(request);
      case 'hanging':
        return 'hang';
      case 'half-closing':
        return { ...this.#answer(request), isBrokenOff: true };
      case 'nonsense': {
        const answer = this.#answer(request);
        const body = Uint8Array.from(answer.body!);
        return { ...answer, body: body.subarray(0, Math.floor(this.#random.uniform() * body.length)) };
      }
      case 'down':
        return 'refuse';
    }
  }

  #answer({ body }: Request): Answer {
    const { queries } = decodeReadRequest(this.#snappy.decode(body, 1e6));
    const encoder = new ReadResponseEncoder();
    for (const { matchers, startMs, endMs } of queries) {
      const matches = compileMatchers(matchers);
      const found: ReadSeries[] = [];
      for (const series of this.#series) {
        const labels = makeLabels(series.labels);
        if (!matches(labels)) continue;
        const timesMs = Float64Array.from(scrapeTimes(startMs, Math.min(endMs + 1, this.#clock.nowMs))).filter(
          (timeMs) => isThere(series, timeMs),
        );
        if (timesMs.length === 0) continue;
        const values = timesMs.map((timeMs) => series.valueAt(timeMs));
        found.push({ block: encodeLabelBlock(labels), samples: { timesMs, values } });
      }
      encoder.startQuery(found);
      for (const series of found) encoder.addSeries(series);
      encoder.endQuery();
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: compress(Buffer.concat(encoder.parts)),
    };
  }
}
