import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from './faulty-receiver.js';
import { block, DRAIN_MS, receiver, startWriter, T, until } from './writer-setup.js';

test('one bad series among 2,000 is the only one lost, and costs few requests', async (t) => {
  const target = await receiver(t, ({ samples }) =>
    samples.some(({ series }) => series.endsWith(',i=777'))
      ? { status: 400, body: `out of order sample ${'x'.repeat(5000)}` }
      : ok,
  );
  const { writer, lines, metric } = startWriter([{ url: target.url }]);
  for (let i = 0; i < 2000; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  await writer.close(DRAIN_MS);

  const values = target.taken.map(({ value }) => value).sort((a, b) => a - b);
  assert.deepEqual(
    values,
    Array.from({ length: 2000 }, (_, i) => i).filter((i) => i !== 777),
  );
  assert.ok(target.requests.length <= 1 + 2 * Math.ceil(Math.log2(2000)), `${target.requests.length} requests`);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 1999, rejected: 1 });
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0]!);
  assert.equal(line.series, 'up_yhat{i="777"}');
  assert.match(line.reason, /^HTTP 400: out of order sample x+…$/);
  assert.ok(line.reason.length < 1100);
});

test('a target for which a request is too large gets it in parts', async (t) => {
  const target = await receiver(t, ({ samples }) => (samples.length > 600 ? { status: 413, body: 'too large' } : ok));
  const { writer, lines, metric } = startWriter([{ url: target.url }]);
  for (let i = 0; i < 2000; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  await writer.close(DRAIN_MS);
  assert.equal(target.taken.length, 2000);
  assert.equal(target.requests.length, 1 + 2 + 4);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 2000 });
  assert.deepEqual(lines, []);
});

test('a series that is refused at every step costs one log line a minute', async (t) => {
  let nowMs = T;
  const target = await receiver(t, ({ samples }) =>
    samples.some(({ series }) => series.endsWith('i=1')) ? { status: 400 } : ok,
  );
  const { writer, lines, metric } = startWriter([{ url: target.url }], { now: () => nowMs });
  for (let step = 0; step < 10; step++) {
    for (let i = 0; i < 4; i++) writer.append(block('up', i), '_yhat', undefined, nowMs, step);
    writer.flush();
    await until(async () => (await metric('samples_total', 'outcome')).rejected === step + 1);
    nowMs += 15_000;
  }
  await writer.close(DRAIN_MS);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).heldBack),
    [0, 3, 3],
  );
});

test('a target that refuses everything is asked ever less, with one line, until it accepts samples again', async (t) => {
  for (const refusal of [{ status: 400, body: 'no' }, { status: 413 }]) {
    const target = await receiver(t, ({ samples }) => (samples[0]!.value < 6 ? refusal : ok));
    const { writer, lines, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 500, maxBackoffMs: 4 }]);
    for (let batch = 0; batch <= 6; batch++) {
      for (let i = 0; i < 500; i++) writer.append(block('up', i), '_yhat', undefined, T + batch, batch);
    }
    await writer.close(10_000);
    assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 500, rejected: 3000 });
    const requests = (batch: number) => target.requests.filter(({ samples }) => samples[0]!.value === batch).length;
    assert.ok(requests(0) > 2 && requests(0) < 60, `${requests(0)} requests for the first batch`);
    assert.deepEqual([3, 4, 5, 6].map(requests), [2, 2, 2, 1]);
    const alone = target.requests.filter(({ samples }) => samples.length === 1 && samples[0]!.value >= 3);
    assert.equal(new Set(alone.map(({ samples }) => samples[0]!.series)).size, 3, 'another series is tried each time');
    const messages = lines.map((line) => JSON.parse(line).msg);
    assert.deepEqual(messages.slice(-2), [
      'remote_write target refuses everything: requests are no longer taken apart until it accepts samples again',
      'remote_write target no longer refuses everything',
    ]);
  }
});

test('a target that refuses everything is given longer and longer pauses', async (t) => {
  const target = await receiver(t, () => ({ status: 400 }));
  const { writer } = startWriter([{ url: target.url, minBackoffMs: 100, maxBackoffMs: 60_000 }]);
  for (let i = 0; i < 2000; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  writer.flush();
  await until(() => target.requests.length >= 4);
  const pauses = target.requests.slice(1).map(({ atMs }, i) => atMs - target.requests[i]!.atMs);
  await writer.close(0);
  // Half of 100, 200 and 400 ms at least.
  assert.ok(pauses[0]! > 45 && pauses[1]! > 95 && pauses[2]! > 195, `paused ${pauses} ms`);
});

test('one bad series does not keep a target that refused everything from being used again', async (t) => {
  const target = await receiver(t, ({ samples }) =>
    samples.some(({ series, value }) => value < 4 || series.endsWith(',i=7')) ? { status: 400 } : ok,
  );
  const { writer, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 100, maxBackoffMs: 2 }]);
  for (let batch = 0; batch <= 5; batch++) {
    for (let i = 0; i < 100; i++) writer.append(block('up', i), '_yhat', undefined, T + batch, batch);
  }
  await writer.close(10_000);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 2 * 99, rejected: 4 * 100 + 2 });
});

test('a series that the target fails on is lost alone and does not block the others', async (t) => {
  const target = await receiver(t, ({ samples }) =>
    samples.some(({ series, value }) => series.endsWith(',i=77') && value < 1000) ? { status: 500, body: 'oops' } : ok,
  );
  const { writer, lines, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 200 }]);
  for (let i = 0; i < 200; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  for (let i = 0; i < 200; i++) writer.append(block('up', i), '_yhat', undefined, T + 1, 1000 + i);
  await writer.close(DRAIN_MS);
  assert.equal(target.taken.length, 399);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 399, rejected: 1 });
  assert.equal(lines.filter((line) => line.includes('up_yhat{i=\\"77\\"}')).length, 1);
  assert.ok(target.requests.length < 40, `${target.requests.length} requests`);
});

test('a target that fails on everything for a while loses nothing', async (t) => {
  const target = await receiver(t, (_, nth) => (nth <= 60 ? { status: 500 } : ok));
  const { writer, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 4, maxBackoffMs: 2 }]);
  for (let i = 0; i < 8; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  await writer.close(DRAIN_MS);
  assert.deepEqual(target.taken.map(({ value }) => value).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 8 });
});
