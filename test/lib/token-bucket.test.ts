import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '#src/lib/token-bucket.js';

test('a bucket lets as much through as a second allows, and then as much a second', () => {
  const bucket = new TokenBucket(10, 0);
  for (let i = 0; i < 10; i++) {
    assert.equal(bucket.waitMs(0), 0, `token ${i}`);
    bucket.take(1);
  }
  assert.equal(bucket.waitMs(0), 100);
  assert.equal(bucket.waitMs(100), 0);
  bucket.take(1);
  assert.equal(bucket.waitMs(100), 100);
  assert.equal(bucket.isFull(500), false);
  assert.equal(bucket.isFull(60_000), true);
});

test('a debt is waited for', () => {
  const bucket = new TokenBucket(10, 0);
  bucket.take(110);
  assert.equal(bucket.waitMs(0), 10_100);
  assert.equal(bucket.waitMs(10_000), 100);
  assert.equal(bucket.waitMs(10_100), 0);
});

test('a clock that is set back gives nothing, and one that goes on does', () => {
  const bucket = new TokenBucket(1, 10_000);
  bucket.take(1);
  assert.equal(bucket.waitMs(0), 1000);
  assert.equal(bucket.waitMs(1000), 0);
});

test('without a limit there is nothing to wait for', () => {
  const bucket = new TokenBucket(Number.POSITIVE_INFINITY, 0);
  bucket.take(1e12);
  assert.equal(bucket.waitMs(0), 0);
  assert.equal(bucket.isFull(0), true);
});
