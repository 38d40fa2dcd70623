import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MINUTE } from '../../fixtures.js';
import { type Answer, type Behaviour, FaultyReceiver, ok } from './faulty-receiver.js';
import { block, startWriter, T, until } from './writer-setup.js';

const HOUR = 60 * MINUTE;
const FORECAST = { name: 'sentio', value: 'forecast' };
/** As real servers answer. */
const BUILD = {
  victoriaMetrics: { status: 200, body: '{"status":"success","data":{}}' },
  prometheus: {
    status: 200,
    body: '{"status":"success","data":{"version":"2.42.0","revision":"225c61122d88b01d1f0eaaee0e05b6f3e0567ac0","branch":"HEAD","buildUser":"","buildDate":"20230201-07:53:32","goVersion":"go1.19.5"}}',
  },
  mimir: {
    status: 200,
    body: '{"status":"success","data":{"application":"Grafana Mimir","version":"2.14.0","revision":"9e2a0d0","goVersion":"go1.23"}}',
  },
};

async function receiver(t: TestContext, build: Answer, behave?: Behaviour): Promise<FaultyReceiver> {
  const started = await FaultyReceiver.listen(behave);
  started.build = build;
  t.after(() => started.close());
  return started;
}

/** A writer with one target that has a `future` of two hours. */
function startFuture(t: TestContext, url: string) {
  const started = startWriter([{ url, futureMs: 2 * HOUR, maxSamplesPerSend: 10 }]);
  t.after(() => started.writer.close(0));
  const { writer, lines } = started;
  /** Writes a curve of ten points. */
  const writeCurve = (name: string) => {
    for (let i = 0; i < 10; i++) writer.appendFuture(block(name), '_yhat', FORECAST, T + (i + 1) * 10 * MINUTE, i);
    writer.flush();
  };
  const complaints = () => lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 40);
  return { ...started, writeCurve, complaints };
}

test('a target that is no Prometheus gets curves, a whole one in one request', async (t) => {
  for (const build of [BUILD.victoriaMetrics, BUILD.mimir, { status: 404 }, { status: 200, body: '<html>' }]) {
    const target = await receiver(t, build);
    const { writer, writeCurve, metric, complaints } = startFuture(t, target.url);
    assert.equal(writer.futureMs, 0);
    await until(() => writer.futureMs === 2 * HOUR);
    writeCurve('up');
    await until(() => target.taken.length === 10);
    assert.deepEqual(target.asked, ['/api/v1/status/buildinfo']);
    assert.equal(target.requests.length, 1);
    assert.deepEqual(
      target.taken.map(({ series, timeMs, value }) => [series, timeMs, value]),
      Array.from({ length: 10 }, (_, i) => ['__name__=up_yhat,i=0,sentio=forecast', T + (i + 1) * 10 * MINUTE, i]),
    );
    assert.deepEqual(await metric('future_open', 'target'), { a: 1 });
    // How far behind the target is does not show in it.
    assert.deepEqual(await metric('highest_sent_timestamp_seconds', 'target'), {});
    assert.deepEqual(complaints(), []);
  }
});

test('nothing is further ahead than the target was said to take', async (t) => {
  const target = await receiver(t, BUILD.victoriaMetrics);
  const { writer, metric } = startFuture(t, target.url);
  await until(() => writer.futureMs > 0);
  assert.equal(writer.appendFuture(block('up'), '_yhat', FORECAST, T + 2 * HOUR, 1), true);
  assert.equal(writer.appendFuture(block('up'), '_yhat', FORECAST, T + 2 * HOUR + 1, 1), false);
  assert.equal(writer.appendFuture(block('up'), '_yhat', FORECAST, T + HOUR, Number.NaN), false);
  assert.deepEqual(await metric('refused_samples_total', 'reason'), { future: 1, not_a_number: 1 });
});

test('a Prometheus is sent no curve, and that is said', async (t) => {
  const target = await receiver(t, BUILD.prometheus);
  const { writer, writeCurve, complaints, metric } = startFuture(t, target.url);
  await until(() => complaints().length > 0);
  writeCurve('up');
  writer.append(block('up'), '_yhat', undefined, T, 7);
  writer.flush();
  await until(() => target.taken.length === 1);
  assert.equal(target.taken[0]!.value, 7);
  assert.equal(writer.futureMs, 0);
  const [complaint, ...more] = complaints();
  assert.deepEqual(more, []);
  assert.equal(complaint.version, '2.42.0');
  assert.match(complaint.msg, /is a Prometheus.*`future` has no effect.*remote_read/);
  assert.deepEqual(
    writer.failing.map(({ name, text }) => [name, text]),
    [['a', 'it is a Prometheus, which takes no samples of the future: unset `future`']],
  );
  assert.deepEqual(await metric('future_open', 'target'), {});
});

test('a target that is down when it is asked is asked again', async (t) => {
  const target = await receiver(t, { status: 503 });
  const { writer } = startFuture(t, target.url);
  await until(() => target.asked.length === 1);
  assert.equal(writer.futureMs, 0);
  target.build = BUILD.victoriaMetrics;
  await until(() => writer.futureMs > 0);
  assert.ok(target.asked.length >= 2);
});

test('a target that may not be asked is taken for no Prometheus, with a warning', async (t) => {
  const target = await receiver(t, { status: 403 });
  const { writer, complaints } = startFuture(t, target.url);
  await until(() => writer.futureMs > 0);
  assert.match(complaints()[0].msg, /cannot ask remote_write target whether it is a Prometheus/);
});

test('a refusal that speaks of time ends the curves, and nothing else', async (t) => {
  const isAhead = (timeMs: number) => timeMs > T + 10 * MINUTE;
  const target = await receiver(t, BUILD.victoriaMetrics, ({ samples }) =>
    samples.some(({ timeMs }) => isAhead(timeMs))
      ? { status: 400, body: 'out of bounds: timestamp is too far in the future' }
      : ok,
  );
  const { writer, writeCurve, complaints, metric } = startFuture(t, target.url);
  await until(() => writer.futureMs > 0);
  writeCurve('up');
  writeCurve('down');
  await until(() => writer.futureMs === 0);
  writer.append(block('up'), '_yhat', undefined, T, 7);
  writer.flush();
  await until(async () => (await metric('samples_total', 'outcome')).sent === 1);
  assert.equal(target.requests.length, 2);
  const [complaint, ...more] = complaints();
  assert.match(complaint.msg, /refuses samples of the future: no more curves are sent to it/);
  assert.match(complaint.reason, /too far in the future/);
  assert.ok(more.every(({ msg }) => msg === 'remote_write samples lost: rejected'));
  assert.deepEqual(
    writer.failing.map(({ text }) => text),
    ['it refuses samples of the future'],
  );
  assert.deepEqual(await metric('samples_total', 'outcome'), { rejected: 20, sent: 1 });
});

test('a target that refuses every curve without a reason gets a few and then no more', async (t) => {
  const target = await receiver(t, BUILD.victoriaMetrics, ({ samples }) =>
    samples.some(({ series }) => series.includes('sentio=forecast')) ? { status: 400, body: 'no' } : ok,
  );
  const { writer, writeCurve } = startFuture(t, target.url);
  await until(() => writer.futureMs > 0);
  for (let i = 0; i < 20; i++) writeCurve(`m${i}`);
  await until(() => writer.futureMs === 0);
  writer.append(block('up'), '_yhat', undefined, T, 7);
  writer.flush();
  await until(() => target.taken.length === 1);
  // Of three curves each the whole, and one sample of it.
  assert.equal(target.requests.length, 3 * 2 + 1);
});

test('a curve that is refused for its labels does not end the others', async (t) => {
  const target = await receiver(t, BUILD.victoriaMetrics, ({ samples }) =>
    samples.some(({ series }) => series.includes('bad')) ? { status: 400, body: 'label value too long' } : ok,
  );
  const { writer, writeCurve, metric } = startFuture(t, target.url);
  await until(() => writer.futureMs > 0);
  for (const name of ['bad', 'a', 'bad', 'b', 'bad', 'c']) writeCurve(name);
  await until(() => target.taken.length === 30);
  assert.equal(writer.futureMs, 2 * HOUR);
  await until(async () => (await metric('samples_total', 'outcome')).sent === 30);
  assert.deepEqual(await metric('samples_total', 'outcome'), { rejected: 30, sent: 30 });
});

test('curves wait while the queue is long, so that what is published at every step is not late', async (t) => {
  const target = await receiver(t, BUILD.victoriaMetrics);
  const { writer, writeCurve } = startFuture(t, target.url);
  await until(() => writer.futureMs > 0);
  target.behave = () => 'hang';
  assert.equal(writer.futureRoom, 200);
  for (let i = 0; i < 21; i++) writeCurve(`m${i}`);
  assert.equal(writer.futureRoom, 0);
  target.behave = () => ok;
});
