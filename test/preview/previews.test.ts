import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { BusyError, UsageError } from '#src/lib/errors.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { type Preview, type PreviewRequest, Previews } from '#src/preview/previews.js';
import { MINUTE } from '../fixtures.js';

const { rules, effective } = parseConfig('rules: [{name: test, match: [load]}]', '.');
const previews = new Previews(() => ({ rules, effective }));
after(() => previews.close());

const timesMs = Float64Array.from({ length: 2_000 }, (_, i) => (i + 0.5) * 10 * MINUTE);
const request = (given: Partial<PreviewRequest> = {}): PreviewRequest => ({
  series: [
    {
      name: 'load',
      labels: makeLabels({ __name__: 'load' }),
      samples: { timesMs, values: timesMs.map((_, i) => Math.sin(i * 12.9898)) },
      figureOf: () => 'none',
    },
  ],
  rule: rules[0]!,
  change: { step: '1h' },
  days: 7,
  ...given,
});

/** Runs a preview to its end. */
async function finish(asked: PreviewRequest, signal: AbortSignal): Promise<Preview> {
  const run = previews.run(asked, signal);
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
  }
}

test('a preview that is given up ends, and the next one is answered', async () => {
  const left = new AbortController();
  const run = finish(request(), left.signal);
  left.abort(new Error('gone'));
  await assert.rejects(run);
  const { stepMs, yaml } = await finish(request(), new AbortController().signal);
  assert.deepEqual(stepMs, { before: 10 * MINUTE, after: 60 * MINUTE });
  assert.match(yaml, /step: 1h/);
});

test('more previews than may wait are refused at once', async () => {
  const left = new AbortController();
  const runs = Array.from({ length: 5 }, () => finish(request(), left.signal).catch(() => {}));
  await assert.rejects(finish(request(), left.signal), BusyError);
  left.abort();
  await Promise.all(runs);
});

test('a query is no rule that can be changed', async () => {
  const rule = { ...rules[0]!, name: 'total' };
  await assert.rejects(finish(request({ rule }), new AbortController().signal), UsageError);
});

test('a preview says how many series are done, from the first on', async () => {
  const [load] = request().series;
  const run = previews.run(request({ series: [load!, { ...load!, name: 'other' }] }), new AbortController().signal);
  const counts: number[] = [];
  for await (const count of run) counts.push(count);
  assert.deepEqual(counts, [0, 1]);
});

test('a change may be given as for sentio backtest --set', async () => {
  const change = ['step=1h', 'anomaly.min_deviation={up: 5, down: 20}'];
  const { yaml } = await finish(request({ change }), new AbortController().signal);
  assert.deepEqual(parseConfig(yaml, '.').effective.rules[0]!.anomaly.min_deviation, { up: 5, down: 20 });
  await assert.rejects(finish(request({ change: ['match=x'] }), new AbortController().signal), UsageError);
});

test('what can be changed is what the rule sets, defaults filled in', () => {
  const { step, anomaly, prophet } = previews.settings(rules[0]!);
  assert.deepEqual([step, anomaly.direction, prophet.interval_width], ['1m', 'both', 0.99]);
});

test('a limit that another series has is what it is now, before the change and after it', async () => {
  const [series] = request().series;
  const change = { step: '1h', limits: { max: { series: 'size', on: [] }, min: null } };
  const figureOf = ({ selector }: { selector: string }) => (selector === 'size' ? -2 : 'none');
  const { alarms } = await finish(
    request({ series: [{ ...series!, figureOf }], change: change as object }),
    new AbortController().signal,
  );
  // Everything is above it.
  assert.deepEqual(
    alarms.map(({ outcome, startMs, endMs }) => ({ outcome, isLong: endMs - startMs > 6 * 24 * 60 * MINUTE })),
    [{ outcome: 'added', isLong: true }],
  );
});
