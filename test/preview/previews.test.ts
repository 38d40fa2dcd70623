import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { BusyError, UsageError } from '#src/lib/errors.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { type PreviewRequest, Previews } from '#src/preview/previews.js';
import { MINUTE } from '../fixtures.js';

const { rules, effective } = parseConfig('rules: [{name: test, match: [load]}]', '.');
const previews = new Previews(() => effective.rules);
after(() => previews.close());

const timesMs = Float64Array.from({ length: 2_000 }, (_, i) => (i + 0.5) * 10 * MINUTE);
const request = (given: Partial<PreviewRequest> = {}): PreviewRequest => ({
  series: [
    {
      name: 'load',
      labels: makeLabels({ __name__: 'load' }),
      samples: { timesMs, values: timesMs.map((_, i) => Math.sin(i * 12.9898)) },
    },
  ],
  rule: rules[0]!,
  change: { step: '1h' },
  days: 7,
  ...given,
});

test('a preview that is given up ends, and the next one is answered', async () => {
  const left = new AbortController();
  const run = previews.run(request(), left.signal);
  left.abort(new Error('gone'));
  await assert.rejects(run);
  const { stepMs, yaml } = await previews.run(request(), new AbortController().signal);
  assert.deepEqual(stepMs, { before: 10 * MINUTE, after: 60 * MINUTE });
  assert.match(yaml, /step: 1h/);
});

test('more previews than may wait are refused at once', async () => {
  const left = new AbortController();
  const runs = Array.from({ length: 5 }, () => previews.run(request(), left.signal).catch(() => {}));
  await assert.rejects(previews.run(request(), left.signal), BusyError);
  left.abort();
  await Promise.all(runs);
});

test('a query is no rule that can be changed', async () => {
  const rule = { ...rules[0]!, name: 'total' };
  await assert.rejects(previews.run(request({ rule }), new AbortController().signal), UsageError);
});
