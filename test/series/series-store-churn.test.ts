import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { HOUR } from '../fixtures.js';
import { makeStore, othersSend, T0 } from './fixture.js';

/** Label blocks of one shape, with a number in them. */
function makeTemplate(labels: Record<string, string>): (i: number) => Uint8Array {
  const block = Buffer.from(encodeLabelBlock(makeLabels({ ...labels, pod: 'pod-0000000' })));
  const digits = block.indexOf('0000000');
  return (i) => {
    block.write(String(i).padStart(7, '0'), digits);
    return block;
  };
}

test('a million series that come and go through a store of a thousand leave no memory behind', () => {
  const store = makeStore({ maxSeries: 1000 }, { historyMs: 6 * HOUR });
  const plain = makeTemplate({ __name__: 'm' });
  const withReplica = makeTemplate({ __name__: 'm', replica: 'a' });
  let nowMs = T0;
  const rssAfter: number[] = [];
  const ringBytes = new Set<number>();
  const refs = new Set<number>();
  for (let i = 0; i < 1_000_000; i++) {
    const block = i % 10 === 0 ? withReplica(i) : plain(i);
    const ref = store.resolve(block, 0, block.length);
    refs.add(ref);
    store.append(ref, nowMs, i);
    if (i % 1000 === 999) {
      ringBytes.add(store.stats.ringBytes);
      othersSend(store, nowMs, nowMs + HOUR);
      nowMs += HOUR;
      assert.equal(store.sweepIdle(), 1000);
    }
    if (i % 100_000 === 99_999) rssAfter.push(process.memoryUsage.rss());
  }
  assert.ok(refs.size <= 2 * 1000, `${refs.size} blocks in the index`);
  assert.equal(store.stats.ringBytes, 0);
  assert.equal(ringBytes.size, 1);
  const grownBytes = rssAfter.at(-1)! - rssAfter[2]!;
  assert.ok(grownBytes < 32 << 20, `RSS grew by ${grownBytes} bytes over the last 700,000 series`);
});
