// What an evaluation costs the main thread: `npm run bench -- publish [SERIES]`.
import { Registry } from 'prom-client';
import { evaluationSchedule } from '#src/engine/publish/evaluation-schedule.js';
import { Evaluator } from '#src/engine/publish/evaluator.js';
import type { ForecastWriter } from '#src/engine/publish/forecast-writer.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { type Label, makeLabels } from '#src/model/labels/labels.js';
import { takeRequest } from '#src/remote/write/queued-request.js';
import { WriteRequestEncoder } from '#src/wire/send/encode-write-request.js';
import { START, storeWith } from '../engine/fixture.js';
import { MINUTE } from '../fixtures.js';

const SAMPLES_PER_REQUEST = 2000;
const EVALUATIONS = 12;
const WARM_UP_EVALUATIONS = 4;

/** Takes what is published as a target's queue does: encoded and compressed. */
class SealingWriter implements ForecastWriter {
  readonly #encoder = new WriteRequestEncoder(SAMPLES_PER_REQUEST);
  samples = 0;
  bytes = 0;

  append(block: Uint8Array, suffix: string, extra: Label | undefined, timeMs: number, value: number): boolean {
    this.#encoder.append(block, suffix, extra, timeMs, value);
    this.samples++;
    if (this.#encoder.sampleCount === SAMPLES_PER_REQUEST) {
      this.bytes += takeRequest(this.#encoder).body.length;
      this.#encoder.reset();
    }
    return true;
  }

  appendStale(): boolean {
    return true;
  }
}

/** Gauges of eight labels at a step of a minute, each with a model of a fortnight and a new sample at every evaluation. */
export async function bench([count = '20000']: string[]): Promise<Record<string, unknown>> {
  const seriesCount = Number(count);
  const { store, settings } = storeWith('load', 'step: 1m');
  const timesMs = Float64Array.from({ length: 2160 }, (_, i) => START - (2160 - i) * 10 * MINUTE);
  const values = timesMs.map((timeMs) => 50 + 10 * Math.sin(timeMs / 1.4e7) + Math.sin(timeMs));
  const { model } = fitProphet({ timesMs, values }, settings.prophet);
  const blocks = Array.from({ length: seriesCount }, (_, i) => labelBlock(i));
  const writer = new SealingWriter();
  const evaluator = new Evaluator({ store, writer, registry: new Registry() });
  const schedule = evaluationSchedule(settings);
  const ingest = (timeMs: number) => {
    store.beginRequest(timeMs);
    for (const [i, block] of blocks.entries()) {
      store.append(store.resolve(block, 0, block.length), timeMs, 50 + (i % 7));
    }
  };
  ingest(START - MINUTE / 2);
  const tracked = [...store.ids()].map((id) => Object.assign(new TrackedSeries(id), { model }));

  const micros: number[] = [];
  for (let n = 1; n <= EVALUATIONS; n++) {
    const evaluationMs = START + n * MINUTE;
    ingest(evaluationMs - MINUTE / 2);
    if (n === WARM_UP_EVALUATIONS) {
      writer.samples = 0;
      writer.bytes = 0;
    }
    const before = process.cpuUsage();
    for (const series of tracked) evaluator.evaluate(series, evaluationMs, schedule);
    const { user, system } = process.cpuUsage(before);
    if (n > WARM_UP_EVALUATIONS) micros.push((user + system) / seriesCount);
  }
  const median = micros.sort((a, b) => a - b)[micros.length >> 1]!;
  const bytesPerSample = writer.bytes / writer.samples;
  console.log(
    `${seriesCount} series: ${median.toFixed(1)} µs a series and evaluation, ${bytesPerSample.toFixed(1)} B a sample`,
  );
  return {
    series: seriesCount,
    microsPerSeries: Number(median.toFixed(1)),
    bytesPerSample: Number(bytesPerSample.toFixed(1)),
  };
}

function labelBlock(i: number): Uint8Array {
  return encodeLabelBlock(
    makeLabels({
      __name__: 'container_memory_working_set_bytes',
      container: 'checkout',
      endpoint: 'metrics',
      instance: `10.0.${i >> 8}.${i % 256}:9100`,
      job: 'kubernetes-service-endpoints',
      namespace: 'production-eu-west-1',
      pod: `checkout-7d9f8b6c5-${i.toString(36).padStart(5, '0')}`,
      service: 'checkout',
    }),
  );
}
