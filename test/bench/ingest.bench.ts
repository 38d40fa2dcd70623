import { pino } from 'pino';
import { defaultConfig } from '#src/config/load.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { SeriesStore } from '#src/series/series-store.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { protoRoot } from '../wire/proto.js';
import { WriteWorkload } from './write-workload.js';

const SERIES = 10_000;
const STEP_MS = 15_000;

/** Takes one compressed 1.0 request into its store. */
type Ingest = (compressed: Uint8Array, nowMs: number) => void;

/**
 * Bytes on the wire → rings, in process, on one core: 1.0 requests of 2,000 series with 9 labels, one sample a series.
 * Side by side with the same work done with protobufjs' generated decoder, objects and a Map of strings. Time is CPU time
 * of the process, so that what else the machine does matters little.
 */
export async function bench(): Promise<Record<string, unknown>> {
  const sentio = measure('sentio', sentioIngest(), 200);
  const objects = measure('protobufjs objects', generatedIngest(), 30);
  return {
    samplesPerSecond: Math.round(sentio),
    ratioToGeneratedDecode: Number((sentio / objects).toFixed(2)),
  };
}

/** Samples per second of CPU; a fifth of the rounds come first to warm up. */
function measure(name: string, ingest: Ingest, rounds: number): number {
  const workload = new WriteWorkload(SERIES);
  let bytes = 0;
  let microseconds = 0;
  for (let round = -rounds / 5; round < rounds; round++) {
    const timeMs = 1_700_000_000_000 + round * STEP_MS;
    const requests = workload.round(timeMs).map((body) => compress(body));
    const before = process.cpuUsage();
    for (const compressed of requests) ingest(compressed, timeMs);
    const { user, system } = process.cpuUsage(before);
    if (round < 0) continue;
    microseconds += user + system;
    bytes += requests.reduce((sum, { length }) => sum + length, 0);
  }
  const samples = rounds * SERIES;
  const samplesPerSecond = (samples / microseconds) * 1e6;
  console.log(
    `${name.padEnd(20)}${Math.round(samplesPerSecond).toLocaleString('en').padStart(12)} samples/s` +
      `${Math.round((microseconds / samples) * 1000)
        .toLocaleString('en')
        .padStart(8)} ns/sample` +
      `${(bytes / samples).toFixed(0).padStart(5)} bytes/sample`,
  );
  return samplesPerSecond;
}

function makeStore(): SeriesStore {
  const config = defaultConfig();
  return new SeriesStore({
    ...config.receiver,
    seriesIdleTimeoutMs: config.engine.seriesIdleTimeoutMs,
    maxIgnoredBytes: 2 ** 20,
    chooseRule: () => config.rules[0],
    log: pino({ level: 'silent' }),
  });
}

function sentioIngest(): Ingest {
  const receiver = new WriteReceiver(makeStore(), defaultConfig().receiver);
  return (compressed, nowMs) => {
    const stats = receiver.receive(compressed, '1.0', nowMs);
    if (stats.byOutcome[0] !== stats.samples) throw new Error(`not all was stored: ${stats}`);
  };
}

interface RequestMessage {
  readonly timeseries: readonly {
    readonly labels: readonly { readonly name: string; readonly value: string }[];
    readonly samples: readonly { readonly value: number; readonly timestamp: { toNumber(): number } }[];
  }[];
}

/** What one would write first: protobufjs' decoder, which it generates from the schema, and a string to find a series by. */
function generatedIngest(): Ingest {
  const store = makeStore();
  const requestType = protoRoot.lookupType('prometheus.WriteRequest');
  const refs = new Map<string, number>();
  const snappy = new SnappyDecoder();
  const { maxDecodedBytes } = defaultConfig().receiver;
  return (compressed, nowMs) => {
    store.beginRequest(nowMs);
    const { buffer, byteOffset, length } = snappy.decode(compressed, maxDecodedBytes);
    // protobufjs reads strings faster from a Buffer.
    const request = requestType.decode(Buffer.from(buffer, byteOffset, length)) as unknown as RequestMessage;
    for (const { labels, samples } of request.timeseries) {
      let key = '';
      for (const { name, value } of labels) key += `${name}\xff${value}\xff`;
      let ref = refs.get(key);
      if (ref === undefined) {
        const block = encodeLabelBlock(makeLabels(labels.map(({ name, value }) => [name, value])));
        ref = store.resolve(block, 0, block.length);
        refs.set(key, ref);
      }
      for (const { value, timestamp } of samples) store.append(ref, timestamp.toNumber(), value);
    }
  };
}
