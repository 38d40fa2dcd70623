import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_LEAD_MS, RemoteWriter } from '#src/remote/write/remote-writer.js';
import { MINUTE } from '../../fixtures.js';
import { type Answer, FaultyReceiver, ok } from './faulty-receiver.js';
import { block, DRAIN_MS, receiver, startWriter, T, targetDefaults, until } from './writer-setup.js';

test('a request carries the headers and the samples that the specification asks for', async (t) => {
  const target = await receiver(t);
  const { writer, metric } = startWriter([{ url: target.url }]);
  writer.append(block('up'), '_yhat', undefined, T + 60_000, 1.5);
  writer.append(block('up'), '_yhat', { name: 'horizon', value: '1h' }, T, -2);
  writer.flush();
  await writer.close(DRAIN_MS);

  assert.deepEqual(
    target.taken.map(({ series, timeMs, value }) => [series, timeMs, value]),
    [
      ['__name__=up_yhat,i=0', T + 60_000, 1.5],
      ['__name__=up_yhat,horizon=1h,i=0', T, -2],
    ],
  );
  assert.equal(target.requests.length, 1);
  const { path, headers } = target.requests[0]!;
  assert.equal(path, '/api/v1/write');
  assert.equal(headers['content-encoding'], 'snappy');
  assert.equal(headers['content-type'], 'application/x-protobuf');
  assert.equal(headers['user-agent'], 'Sentio/test');
  assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0');
  assert.equal(headers['retry-attempt'], undefined);
  assert.deepEqual(await metric('samples_total', 'target', 'outcome'), { 'a sent': 2 });
  assert.deepEqual(await metric('highest_sent_timestamp_seconds'), { '': T / 1000 + 60 });
});

test('a stale marker arrives with its exact bits, an infinity and a negative zero as they are', async (t) => {
  const target = await receiver(t);
  const { writer } = startWriter([{ url: target.url }]);
  writer.appendStale(block('up'), '_yhat', undefined, T);
  writer.append(block('up', 1), '_yhat', undefined, T, Number.POSITIVE_INFINITY);
  writer.append(block('up', 2), '_yhat', undefined, T, -0);
  await writer.close(DRAIN_MS);
  assert.deepEqual(
    target.taken.map(({ bits }) => bits),
    ['7ff0000000000002', '7ff0000000000000', '8000000000000000'],
  );
});

test('a request is sent again until the target takes it', async (t) => {
  const failures: [name: string, failure: Answer | 'hang' | undefined][] = [
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['503', { status: 503, body: 'overloaded' }],
    ['429', { status: 429 }],
    ['a connection cut off', undefined],
    ['no answer within the timeout', 'hang'],
  ];
  for (const [name, failure] of failures) {
    const target = await receiver(t, (_, nth) => (nth <= 2 ? failure : ok));
    const timeoutMs = failure === 'hang' ? 500 : 10_000;
    const { writer, lines, metric } = startWriter([{ url: target.url, timeoutMs }]);
    writer.append(block('up'), '_yhat', undefined, T, 1);
    await writer.close(DRAIN_MS);
    assert.equal(target.taken.length, 1, name);
    assert.deepEqual(
      target.requests.map(({ headers }) => headers['retry-attempt']),
      [undefined, '1', '2'],
      name,
    );
    assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 1 }, name);
    assert.deepEqual(await metric('retries_total', 'target'), { a: 2 }, name);
    assert.equal(lines.filter((line) => line.includes('retrying')).length, 1, name);
    assert.equal(lines.filter((line) => line.includes('accepts samples again')).length, 1, name);
  }
});

test('a target that refuses for good is logged with the remedy, and once more when it accepts samples again', async (t) => {
  const noReceiver = { status: 404, body: 'remote write receiver needs to be enabled' };
  const target = await receiver(t);
  let failing: unknown;
  const { writer, lines } = startWriter([{ url: target.url, maxSamplesPerSend: 1 }]);
  assert.deepEqual([writer.hasSent, writer.failing], [false, []]);
  target.behave = (_, nth) => {
    if (nth === 3) failing = writer.failing;
    return nth <= 3 ? noReceiver : ok;
  };
  for (let i = 0; i < 5; i++) writer.append(block('up'), '_yhat', undefined, T + i, i);
  await writer.close(5000);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ msg, remedy, failures }) => ({ msg, remedy, failures })),
    [
      {
        msg: 'remote_write samples lost: failed',
        remedy: 'start this Prometheus with --web.enable-remote-write-receiver',
        failures: undefined,
      },
      { msg: 'remote_write target accepts samples again', remedy: undefined, failures: 3 },
    ],
  );
  const text = 'start this Prometheus with --web.enable-remote-write-receiver';
  assert.deepEqual(failing, [{ name: 'a', text, sinceMs: T, isOfCurves: false }]);
  assert.deepEqual([writer.hasSent, writer.failing], [true, []]);
});

test('a target that is not up yet gets everything once it is', async (t) => {
  const { port } = await receiver(t).then(async (closed) => {
    const { port } = closed;
    await closed.close();
    return { port };
  });
  const { writer, lines } = startWriter([{ url: `http://127.0.0.1:${port}/`, maxSamplesPerSend: 1 }]);
  for (let i = 0; i < 5; i++) writer.append(block('up'), '_yhat', undefined, T + i, i);
  await until(() => lines.some((line) => line.includes('ECONNREFUSED')));
  const target = await FaultyReceiver.listen(undefined, port);
  t.after(() => target.close());
  await writer.close(DRAIN_MS);
  assert.deepEqual(
    target.taken.map(({ value }) => value),
    [0, 1, 2, 3, 4],
  );
});

test('a target that fails every other time has short waits, and few lines in the log', async (t) => {
  const target = await receiver(t, (_, nth) => (nth % 2 === 1 ? { status: 503 } : ok));
  const { writer, lines } = startWriter([{ url: target.url, maxSamplesPerSend: 1, maxBackoffMs: 60_000 }]);
  // After 15 failures in a row the wait would be 30 s.
  for (let i = 0; i < 15; i++) writer.append(block('up'), '_yhat', undefined, T + i, i);
  await writer.close(DRAIN_MS);
  assert.equal(target.taken.length, 15);
  assert.equal(lines.length, 2);
});

test('Retry-After is waited for, up to the sample age limit', async (t) => {
  const cases: [name: string, retryAfter: string, sampleAgeLimitMs: number, waitMs: number][] = [
    ['seconds', '1', 60_000, 1000],
    ['a date', 'Thu, 29 Feb 2024 12:00:01 GMT', 60_000, 1000],
    ['a day', '86400', 300, 300],
  ];
  await Promise.all(
    cases.map(async ([name, retryAfter, sampleAgeLimitMs, waitMs]) => {
      const busy = { status: 503, headers: { 'Retry-After': retryAfter } };
      const target = await receiver(t, (_, nth) => (nth === 1 ? busy : ok));
      const { writer } = startWriter([{ url: target.url, sampleAgeLimitMs }]);
      writer.append(block('up'), '_yhat', undefined, T, 1);
      await writer.close(DRAIN_MS);
      const [first, second] = target.requests;
      const waitedMs = second!.atMs - first!.atMs;
      // The two clocks that are compared here may differ by a millisecond or two.
      assert.ok(waitedMs > waitMs - 5, `${name}: waited ${waitedMs} ms`);
    }),
  );
});

test('a target that is down for ten minutes gets what is inside its window, in order, and no more', async (t) => {
  const cases: [sampleAgeLimitMs: number, firstKept: number][] = [
    [11 * 60_000, 0],
    [5 * 60_000, 5],
  ];
  for (const [sampleAgeLimitMs, firstKept] of cases) {
    let nowMs = T;
    let up = false;
    const target = await receiver(t, () => (up ? ok : { status: 503 }));
    const { writer, metric } = startWriter([{ url: target.url, sampleAgeLimitMs }], { now: () => nowMs });
    for (let minute = 0; minute <= 10; minute++) {
      nowMs = T + minute * 60_000;
      for (let i = 0; i < 3; i++) writer.append(block('up', i), '_yhat', undefined, nowMs, minute);
      writer.flush();
    }
    await until(() => target.requests.length >= 6);
    assert.ok(
      target.requests.every(({ samples }) => samples.length === 3),
      'an outage takes no request apart',
    );
    up = true;
    await writer.close(DRAIN_MS);
    const kept = Array.from({ length: 11 - firstKept }, (_, i) => firstKept + i);
    for (let i = 0; i < 3; i++) {
      const series = target.taken.filter((sample) => sample.series.endsWith(`i=${i}`));
      assert.deepEqual(
        series.map(({ value }) => value),
        kept,
      );
    }
    const { sent, too_old: tooOld = 0 } = await metric('samples_total', 'outcome');
    assert.deepEqual([sent, tooOld], [3 * kept.length, 3 * firstKept]);
  }
});

test('of a request that grew old only the samples over the limit are dropped', async (t) => {
  const target = await receiver(t);
  const { writer, metric } = startWriter([{ url: target.url, sampleAgeLimitMs: 60_000 }]);
  writer.append(block('up', 0), '_yhat', undefined, T - 60_001, 0);
  writer.append(block('up', 1), '_yhat', undefined, T - 60_000, 1);
  writer.append(block('up', 2), '_yhat', undefined, T, 2);
  await writer.close(DRAIN_MS);
  assert.deepEqual(
    target.taken.map(({ value }) => value),
    [1, 2],
  );
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 2, too_old: 1 });
});

test('a full queue drops its oldest samples', async (t) => {
  let up = false;
  const target = await receiver(t, () => (up ? ok : { status: 503 }));
  const { writer, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 10, capacity: 30 }]);
  // The first ten are under way, the others wait.
  for (let i = 0; i < 100; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  await until(() => target.requests.length > 0);
  assert.deepEqual(await metric('queue_samples'), { '': 30 });
  assert.deepEqual(await metric('queue_capacity_samples'), { '': 30 });
  up = true;
  await writer.close(DRAIN_MS);
  const kept = Array.from({ length: 100 }, (_, i) => i).filter((i) => i < 10 || i >= 70);
  assert.deepEqual(
    target.taken.map(({ value }) => value),
    kept,
  );
  assert.deepEqual(await metric('samples_total', 'outcome'), { queue_full: 60, sent: 40 });
  assert.deepEqual(await metric('queue_samples'), {});
});

test('a target that refuses and one that is down cost a third nothing', async (t) => {
  const refusing = await receiver(t, () => ({ status: 403, body: 'go away' }));
  const hanging = await receiver(t, () => 'hang');
  const good = await receiver(t);
  const { writer, metric } = startWriter([refusing, hanging, good].map(({ url }) => ({ url, maxSamplesPerSend: 10 })));
  for (let i = 0; i < 100; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  await until(() => good.taken.length === 100);
  await writer.close(50);
  assert.deepEqual(
    good.taken.map(({ value }) => value),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.equal(refusing.requests.length, 10, 'a 403 is never retried');
  assert.deepEqual(await metric('samples_total', 'target', 'outcome'), {
    'a failed': 100,
    'b shutdown': 100,
    'c sent': 100,
  });
});

test('setTargets() keeps the queue of a target that stays, drains one that goes, then starts what is new', async (t) => {
  const [stays, goes, comes] = [await receiver(t), await receiver(t), await receiver(t)];
  stays.behave = goes.behave = () => ({ status: 503 });
  const { writer, metric } = startWriter([{ url: stays.url }, { url: goes.url }]);
  const send = (i: number) => {
    writer.append(block('up', i), '_yhat', undefined, T, i);
    writer.flush();
  };
  send(1);
  await until(() => goes.requests.length > 0 && stays.requests.length > 0);
  const changed = writer.setTargets(
    [
      { ...targetDefaults, name: 'a', url: stays.url },
      { ...targetDefaults, name: 'c', url: comes.url },
    ],
    5000,
  );
  send(2);
  stays.behave = goes.behave = () => ok;
  await changed;
  send(3);
  await writer.close(DRAIN_MS);
  const values = ({ taken }: FaultyReceiver) => taken.map(({ value }) => value);
  assert.deepEqual([values(stays), values(goes), values(comes)], [[1, 2, 3], [1], [3]]);
  assert.deepEqual(Object.keys(await metric('queue_capacity_samples', 'target')), ['a', 'c']);
});

test('a redirect is not followed', async (t) => {
  const other = await receiver(t);
  const target = await receiver(t, () => ({ status: 307, headers: { Location: other.url } }));
  const { writer, metric } = startWriter([{ url: target.url }]);
  writer.append(block('up'), '_yhat', undefined, T, 1);
  await writer.close(DRAIN_MS);
  assert.equal(other.requests.length, 0);
  assert.deepEqual(await metric('samples_total', 'outcome'), { failed: 1 });
});

test('what must not be sent is refused and counted', async (t) => {
  const target = await receiver(t);
  const { writer, metric } = startWriter([{ url: target.url }], { maxLeadMs: 60_000 });
  const up = block('up');
  assert.equal(writer.append(up, '_yhat', undefined, T + 60_000, 1), true);
  assert.equal(writer.append(up, '_yhat', undefined, T + 60_001, 1), false);
  assert.equal(writer.append(up, '_yhat', undefined, Number.NaN, 1), false);
  assert.equal(writer.appendStale(up, '_yhat', undefined, T + 60_001), false);
  assert.equal(writer.append(up, '_yhat', undefined, T, Number.NaN), false);
  assert.equal(writer.append(up, '_yhat', { name: 'i', value: '1' }, T, 1), false);
  await writer.close(DRAIN_MS);
  assert.equal(writer.append(up, '_yhat', undefined, T + 1, 1), false);
  assert.deepEqual(await metric('refused_samples_total', 'reason'), {
    future: 3,
    not_a_number: 1,
    no_such_series: 1,
    closed: 1,
  });
  assert.equal(target.taken.length, 1);
});

test('RemoteWriter allows no lead that Prometheus would refuse', () => {
  for (const maxLeadMs of [MAX_LEAD_MS + 1, Number.NaN]) {
    assert.throws(() => startWriter([], { maxLeadMs }), RangeError);
  }
  assert.ok(startWriter([], { maxLeadMs: MAX_LEAD_MS }).writer instanceof RemoteWriter);
});

test('requests are flushed when they are full, when a series comes again, and after the deadline', async (t) => {
  const target = await receiver(t);
  const { writer } = startWriter([{ url: target.url, maxSamplesPerSend: 3, batchSendDeadlineMs: 30 }], {
    now: () => T,
  });
  for (let i = 0; i < 4; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  writer.append(block('up', 3), '_yhat', undefined, T + 1, 4);
  await until(() => target.taken.length === 5);
  assert.deepEqual(
    target.requests.map(({ samples }) => samples.map(({ value }) => value)),
    [[0, 1, 2], [3], [4]],
  );
  await writer.close(DRAIN_MS);
});

test('a request stays well below the size that receivers refuse', async (t) => {
  const target = await receiver(t);
  const { writer } = startWriter([{ url: target.url }]);
  const text = 'x'.repeat(5 * 1024 * 1024);
  for (let i = 0; i < 3; i++) writer.append(block('up', i), '_yhat', { name: 'text', value: text }, T, i);
  await writer.close(DRAIN_MS);
  assert.deepEqual(
    target.requests.map(({ samples }) => samples.length),
    [2, 1],
  );
});

test('close() sends what is queued', async (t) => {
  const target = await receiver(t, (_, nth) => (nth === 1 ? { status: 503 } : ok));
  const { writer, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 10 }]);
  for (let i = 0; i < 95; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
  await writer.close(DRAIN_MS);
  assert.equal(target.taken.length, 95);
  assert.deepEqual(await metric('samples_total', 'outcome'), { sent: 95 });
});

test('close() gives up at its deadline, whatever the target does', async (t) => {
  const cases: [name: string, answer: Answer | 'hang'][] = [
    ['hangs', 'hang'],
    ['wants to be left alone', { status: 503, headers: { 'Retry-After': '60' } }],
  ];
  for (const [name, answer] of cases) {
    const target = await receiver(t, () => answer);
    const { writer, metric } = startWriter([{ url: target.url, maxSamplesPerSend: 10 }]);
    for (let i = 0; i < 25; i++) writer.append(block('up', i), '_yhat', undefined, T, i);
    await writer.close(100);
    await writer.close(100);
    assert.deepEqual(await metric('samples_total', 'outcome'), { shutdown: 25 }, name);
  }
});

test('a writer without targets takes samples to nowhere', async () => {
  const { writer } = startWriter([]);
  assert.equal(writer.append(block('up'), '_yhat', undefined, T, 1), true);
  writer.flush();
  await writer.close(10);
});

test('after a clock was set back by hours, a target is not written to again until the clock is past what it has', async (t) => {
  const target = await receiver(t);
  const refusing = await receiver(t, () => ({ status: 400 }));
  let nowMs = T;
  const { writer, lines, metric } = startWriter([{ url: target.url }, { url: refusing.url }], { now: () => nowMs });
  const write = async (atMs: number) => {
    nowMs = atMs;
    writer.append(block('up'), '_yhat', undefined, atMs, 1);
    writer.flush();
    const judged = async () =>
      Object.values(await metric('samples_total', 'target', 'outcome')).reduce((a, b) => a + b, 0);
    const all = 2 * ++written;
    await until(async () => (await judged()) === all);
  };
  let written = 0;
  for (const minute of [0, 5, 10, 15, 20]) await write(T + minute * MINUTE);
  await write(T + 5 * MINUTE);
  assert.match(lines.join(''), /"until":"2024-02-29T12:20:00.000Z".*the clock was set back/);
  assert.match(writer.failing[0]!.text, /the clock was set back, and the target has samples up to 2024-02-29T12:20/);
  await write(T + 19 * MINUTE);
  await write(T + 21 * MINUTE);
  assert.deepEqual(await metric('samples_total', 'target', 'outcome'), {
    'a sent': 6,
    'a repeated': 2,
    'b rejected': 8,
  });
  assert.equal(target.taken.length, 6);
  assert.deepEqual(
    writer.failing.map(({ name }) => name),
    [],
  );
  await writer.close(DRAIN_MS);
});
