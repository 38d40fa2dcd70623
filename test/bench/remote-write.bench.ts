import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { ANOMALY_SCORE, YHAT, YHAT_LOWER, YHAT_UPPER } from '#src/model/settings/synthetic.js';
import { takeRequest } from '#src/remote/write/queued-request.js';
import { RemoteWriter } from '#src/remote/write/remote-writer.js';
import { WriteRequestEncoder } from '#src/wire/send/encode-write-request.js';

const SAMPLES_PER_REQUEST = 2000;
const SUFFIXES = [YHAT, YHAT_LOWER, YHAT_UPPER, ANOMALY_SCORE];
const SINK = `
  const server = require('node:http').createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.writeHead(204).end());
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

/** What publishing costs: four samples a source series of nine labels, encoded, compressed, sent to a sink on loopback. */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  const samples = Number(options[0] ?? 2_000_000);
  const sources = Array.from({ length: 50_000 }, (_, i) => sourceBlock(i));
  const blocks = Array.from({ length: samples / SUFFIXES.length }, (_, i) => sources[i % sources.length]!);

  const encoder = new WriteRequestEncoder(SAMPLES_PER_REQUEST);
  let rawBytes = 0;
  let compressedBytes = 0;
  const take = (compress: boolean) => {
    rawBytes += encoder.byteLength;
    if (compress) compressedBytes += takeRequest(encoder).body.length;
    encoder.reset();
  };
  const encode = (compress: boolean) => {
    rawBytes = 0;
    for (const block of blocks) {
      for (const suffix of SUFFIXES) encoder.append(block, suffix, undefined, 1_700_000_000_000, block.length);
      if (encoder.sampleCount === SAMPLES_PER_REQUEST) take(compress);
    }
    take(compress);
  };
  encode(false); // warms up
  const encodeSeconds = await cpuSeconds(() => encode(false));
  const allSeconds = await cpuSeconds(() => encode(true));
  const sent = await sendAll(blocks);

  const perMillion = (seconds: number) => Number(((seconds / samples) * 1e6).toFixed(3));
  const figures = {
    samplesPerSecond: Math.round(samples / sent.seconds),
    cpuSecondsPerMillion: {
      encode: perMillion(encodeSeconds),
      compress: perMillion(allSeconds - encodeSeconds),
      all: perMillion(sent.cpuSeconds),
    },
    bytesPerSample: {
      encoded: Number((rawBytes / samples).toFixed(1)),
      compressed: Number((compressedBytes / samples).toFixed(1)),
    },
  };
  console.table(figures.cpuSecondsPerMillion);
  console.table(figures.bytesPerSample);
  console.log(`${figures.samplesPerSecond} samples/s through one target`);
  return figures;
}

async function sendAll(blocks: readonly Uint8Array[]): Promise<{ seconds: number; cpuSeconds: number }> {
  const sink = spawn(process.execPath, ['-e', SINK], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(sink.stdout, 'data')) as [Buffer];
  const writer = new RemoteWriter({
    targets: [
      {
        name: 'sink',
        url: `http://127.0.0.1:${Number(port)}/`,
        credentials: {},
        headers: {},
        timeoutMs: 30_000,
        protocol: '1.0',
        futureMs: 0,
        maxSamplesPerSend: SAMPLES_PER_REQUEST,
        capacity: 1e9,
        batchSendDeadlineMs: 5000,
        minBackoffMs: 30,
        maxBackoffMs: 5000,
        sampleAgeLimitMs: 600_000,
      },
    ],
    userAgent: 'Sentio/bench',
    log: pino(),
    now: Date.now,
    registry: new Registry(),
  });
  const start = performance.now();
  const spent = await cpuSeconds(async () => {
    const nowMs = Date.now();
    for (const block of blocks) {
      for (const suffix of SUFFIXES) writer.append(block, suffix, undefined, nowMs, block.length);
    }
    await writer.close(600_000);
  });
  const seconds = (performance.now() - start) / 1000;
  sink.kill();
  return { seconds, cpuSeconds: spent };
}

async function cpuSeconds(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function sourceBlock(i: number): Uint8Array {
  return encodeLabelBlock(
    makeLabels({
      __name__: 'http_requests_total',
      cluster: 'eu-west-1',
      code: '200',
      handler: `/api/v1/query/${i % 50}`,
      instance: `10.0.${(i >> 8) % 256}.${i % 256}:9090`,
      job: 'api',
      namespace: 'production',
      pod: `api-7d9f8b6c5-${((i * 2_654_435_761) >>> 0).toString(36)}`,
      zone: 'a',
    }),
  );
}
