import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';

export const SAMPLES_PER_REQUEST = 2000;

/** A body before compression, and where in it each sample's value stands; the timestamp follows it. */
interface Template {
  readonly body: Buffer;
  readonly valueAt: readonly number[];
}

/**
 * What a Prometheus that scrapes a Kubernetes cluster sends: remote-write 1.0 requests of 2,000 series with 9 labels, one
 * sample a series, round after round. Values walk at random from a seed, so that runs are alike.
 */
export class WriteWorkload {
  readonly samplesPerRequest = SAMPLES_PER_REQUEST;
  readonly #templates: Template[] = [];
  readonly #values: Float64Array;
  #random = 1;
  #nextSeries: number;

  /** `seriesCount` is a multiple of 2,000. */
  constructor(seriesCount: number) {
    this.#nextSeries = seriesCount;
    this.#values = new Float64Array(seriesCount).map(() => this.#next() * 1000);
    for (let first = 0; first < seriesCount; first += SAMPLES_PER_REQUEST) this.#templates.push(makeTemplate(first));
  }

  /** Has the series of a request end, and others come in their place. */
  replace(request: number): void {
    this.#templates[request] = makeTemplate(this.#nextSeries);
    this.#nextSeries += SAMPLES_PER_REQUEST;
  }

  /** The requests of one scrape round, not compressed. They are views of the workload's own memory: good until the next call. */
  round(timeMs: number): readonly Uint8Array[] {
    return this.#templates.map((_, request) => this.request(request, timeMs));
  }

  get requests(): number {
    return this.#templates.length;
  }

  /** One of those requests, with values that walk or with those of `makeValue`, by the number of the series. */
  request(request: number, timeMs: number, makeValue = (series: number) => this.#walk(series)): Uint8Array {
    const { body, valueAt } = this.#templates[request]!;
    valueAt.forEach((at, i) => {
      body.writeDoubleLE(makeValue(request * SAMPLES_PER_REQUEST + i), at);
      writeTime(body, at + 9, timeMs);
    });
    return body;
  }

  #walk(series: number): number {
    const value = Math.max(0, this.#values[series]! + this.#next() - 0.5);
    this.#values[series] = value;
    return value;
  }

  /** Park and Miller's generator. */
  #next(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

const METRICS = [
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_network_receive_bytes_total',
  'kube_pod_container_status_restarts_total',
  'http_request_duration_seconds_bucket',
];

function makeTemplate(firstSeries: number): Template {
  const parts: Buffer[] = [];
  const valueAt: number[] = [];
  let length = 0;
  for (let i = firstSeries; i < firstSeries + SAMPLES_PER_REQUEST; i++) {
    const labels = encodeLabelBlock(seriesLabels(i));
    const size = labels.length + SAMPLE_BYTES;
    const header = Buffer.of(0x0a, (size & 0x7f) | 0x80, size >> 7);
    const sample = Buffer.alloc(SAMPLE_BYTES);
    sample.set([0x12, SAMPLE_BYTES - 2, 0x09], 0);
    sample[11] = 0x10;
    parts.push(header, Buffer.from(labels), sample);
    valueAt.push(length + header.length + labels.length + 3);
    length += header.length + size;
  }
  return { body: Buffer.concat(parts), valueAt };
}

/** Tag and length; value with its tag; time with its tag, six bytes of varint until the year 2109. */
const SAMPLE_BYTES = 2 + 9 + 7;

/** A metric comes from all the pods of a node one after the other, as a scrape does. */
function seriesLabels(i: number) {
  const metric = METRICS[Math.floor(i / 400) % METRICS.length]!;
  const pod = (Math.floor(i / 2000) * 400 + (i % 400)) * 2_654_435_761;
  const node = Math.floor(i / 2000) % 250;
  return makeLabels({
    __name__: metric,
    cluster: 'production-eu-west-1',
    container: `service-${i % 17}`,
    id: `/kubepods/burstable/pod${pod.toString(16).padStart(12, '0')}`,
    instance: `10.0.${node}.10:10250`,
    job: 'kubelet',
    namespace: `team-${i % 23}`,
    node: `ip-10-0-${node}-10.eu-west-1.compute.internal`,
    pod: `service-${i % 17}-${(pod % 2 ** 40).toString(36)}`,
  });
}

function writeTime(body: Buffer, at: number, timeMs: number): void {
  for (let i = 0; i < 6; i++) {
    body[at + i] = (timeMs % 0x80) | (i < 5 ? 0x80 : 0);
    timeMs = Math.floor(timeMs / 0x80);
  }
}
