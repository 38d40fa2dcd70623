import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { RemoteWriteSettings } from '#src/model/settings/endpoint.js';
import { RemoteWriter, type RemoteWriterOptions } from '#src/remote/write/remote-writer.js';
import { type Behaviour, FaultyReceiver } from './faulty-receiver.js';

export const targetDefaults: RemoteWriteSettings = {
  name: 'a',
  url: 'http://127.0.0.1:1/',
  credentials: {},
  headers: {},
  timeoutMs: 5000,
  protocol: '1.0',
  futureMs: 0,
  maxSamplesPerSend: 2000,
  capacity: 100_000,
  batchSendDeadlineMs: 60_000,
  minBackoffMs: 2,
  maxBackoffMs: 20,
  sampleAgeLimitMs: 600_000,
};

/** When these tests take place. */
export const T = Date.parse('2024-02-29T12:00:00Z');

/** The canonical block of a metric with one label. */
export const block = (name: string, i = 0) => encodeLabelBlock(makeLabels({ __name__: name, i: String(i) }));

/** A writer for tests: quick to retry, with its log in `lines` and its metrics at hand. */
export function startWriter(
  targets: (Partial<RemoteWriteSettings> & { url: string })[],
  options: Partial<RemoteWriterOptions> = {},
) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const registry = new Registry();
  const writer = new RemoteWriter({
    targets: targets.map((target, i) => ({ ...targetDefaults, name: 'abc'[i]!, ...target })),
    userAgent: 'Sentio/test',
    log: pino({ level: 'trace' }, stream),
    now: () => T,
    registry,
    ...options,
  });
  /** The samples of a metric that are not 0: the label values that are asked for, behind one another, against the value. */
  const metric = async (name: string, ...labels: string[]): Promise<Record<string, number>> => {
    const { values } = await registry.getSingleMetric(`sentio_remote_write_${name}`)!.get();
    return Object.fromEntries(
      values
        .filter(({ value }) => value !== 0)
        .map((value) => [
          labels.map((label) => (value.labels as Record<string, string>)[label]).join(' '),
          value.value,
        ]),
    );
  };
  return { writer, lines, metric, registry };
}

/** A deadline for `close()` that nothing in these tests comes near to, on a busy machine either. */
export const DRAIN_MS = 60_000;

/** Waits until `condition` holds; fails after a minute. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A target that behaves so until the test ends. */
export async function receiver(t: TestContext, behave?: Behaviour): Promise<FaultyReceiver> {
  const started = await FaultyReceiver.listen(behave);
  t.after(() => started.close());
  return started;
}
