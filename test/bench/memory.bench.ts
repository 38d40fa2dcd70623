// What a series costs, all in: `npm run bench -- memory [SERIES]`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { storedBuckets } from '#src/model/samples/ring-view.js';
import { DAY, MINUTE } from '../fixtures.js';
import { makeStore, T0 } from '../series/fixture.js';

interface Measured {
  readonly rssBytes: number;
  readonly ringBytes: number;
  readonly indexBytes: number;
  readonly blockBytes: number;
  readonly stepsBytes: number;
  readonly historyBytes: number;
}

/** Fills 100,000 series with 15 days at the default settings in a process of its own, and divides what its memory grew by. */
export async function bench([count = '100000']: string[]): Promise<Record<string, unknown>> {
  const seriesCount = Number(count);
  const child = fork(import.meta.filename, [count], { execArgv: ['--expose-gc'] });
  const [measured] = (await once(child, 'message')) as [Measured];
  const { rssBytes, ringBytes, indexBytes, blockBytes, stepsBytes, historyBytes } = measured;
  const table: [part: string, bytes: number][] = [
    ['steps: 4 h of minutes, Float64', stepsBytes],
    ['history: 15 d of 10 min, Float32', historyBytes],
    ['slabs: places not taken, padding', ringBytes - stepsBytes - historyBytes],
    ['labels: with and without external ones', blockBytes],
    ['index and columns, room to grow', indexBytes - blockBytes],
    ['everything else, and pages not touched', rssBytes - ringBytes - indexBytes],
    ['all: growth of RSS', rssBytes],
  ];
  console.log(`${seriesCount} series, bytes a series:`);
  for (const [part, bytes] of table) console.log(`${(bytes / seriesCount).toFixed(0).padStart(8)}  ${part}`);
  return {
    series: seriesCount,
    bytesPerSeries: Math.round(rssBytes / seriesCount),
    ringBytesPerSeries: Math.round(ringBytes / seriesCount),
  };
}

function measure(seriesCount: number): Measured {
  globalThis.gc!();
  const rssBefore = process.memoryUsage.rss();
  const store = makeStore(
    { maxSeries: seriesCount },
    { historyMs: 15 * DAY, resolutionMs: 10 * MINUTE, stepMs: MINUTE },
  );
  // One block whose digits change: nine labels of 250 bytes, one of them external.
  const number = '0000000';
  const labels = {
    __name__: 'http_request_duration_seconds_count',
    container: 'checkout',
    endpoint: 'metrics',
    instance: `10.0.${number}:9100`,
    job: 'kubernetes-service-endpoints',
    namespace: 'production-eu-west-1',
    pod: 'checkout-7d9f8b6c5-x2x7k',
    replica: 'prometheus-k8s-0',
    service: 'checkout',
  };
  const block = Buffer.from(encodeLabelBlock(makeLabels(labels)));
  const digits = block.indexOf(number);
  let stepsBytes = 0;
  let historyBytes = 0;
  for (let i = 0; i < seriesCount; i++) {
    block.write(String(i).padStart(number.length, '0'), digits);
    store.append(store.resolve(block, 0, block.length), T0, i);
  }
  for (const id of store.ids()) {
    const { fine, coarse } = store.trainingView(id);
    for (const ring of [storedBuckets(fine), storedBuckets(coarse)]) {
      for (let i = 0; i < ring.length; i++) ring[i] = Math.sin(id + i);
    }
    stepsBytes += 8 * fine.capacity;
    historyBytes += 4 * coarse.capacity;
  }
  globalThis.gc!();
  const withoutExternal = encodeLabelBlock(makeLabels({ ...labels, replica: '' })).length;
  return {
    rssBytes: process.memoryUsage.rss() - rssBefore,
    ringBytes: store.stats.ringBytes,
    indexBytes: store.indexBytes,
    blockBytes: seriesCount * (block.length + withoutExternal),
    stepsBytes,
    historyBytes,
  };
}

if (process.argv[1] === import.meta.filename) process.send!(measure(Number(process.argv[2])));
