import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLabelBlock } from '#src/model/label-block.js';
import { makeLabels } from '#src/model/labels.js';
import { HOUR, makeStore, resolveBlock, T0 } from './fixture.js';

test('a million series that come and go through a store of a thousand leave no memory behind', () => {
  const store = makeStore({ maxSeries: 1000 }, { historyMs: 6 * HOUR });
  const template = encodeLabelBlock(makeLabels({ __name__: 'm', pod: 'pod-0000000', replica: 'a' }));
  const digits = Buffer.from(template.buffer).indexOf('0000000');
  let nowMs = T0;
  const rssAfter: number[] = [];
  const ringBytes = new Set<number>();
  for (let i = 0; i < 1_000_000; i++) {
    Buffer.from(template.buffer).write(String(i).padStart(7, '0'), digits);
    const ref = resolveBlock(store, template);
    assert.ok(ref >= 0 && ref < 2 * 1000, `ref ${ref}`);
    store.append(ref, nowMs, i);
    if (i % 1000 === 999) {
      ringBytes.add(store.stats.ringBytes);
      nowMs += HOUR;
      assert.equal(store.sweepIdle(nowMs), 1000);
      store.beginRequest(nowMs);
    }
    if (i % 100_000 === 99_999) rssAfter.push(process.memoryUsage().rss);
  }
  assert.equal(store.stats.ringBytes, 0);
  assert.equal(ringBytes.size, 1);
  const grownBytes = rssAfter.at(-1)! - rssAfter[2]!;
  assert.ok(grownBytes < 32 << 20, `RSS grew by ${grownBytes} bytes over the last 700,000 series`);
});
