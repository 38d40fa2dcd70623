import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { availableMemoryBytes, defaultBudgetBytes, MemoryBudget } from '#src/cli/memory-budget.js';

const MIB = 2 ** 20;

test('MemoryBudget measures from time to time, and adds what series have grown by in between', () => {
  let nowMs = 0;
  let residentBytes = 90 * MIB;
  const budget = new MemoryBudget(100 * MIB, { now: () => nowMs, residentBytes: () => residentBytes });
  assert.ok(budget.hasRoom(50 * MIB));
  assert.ok(budget.hasRoom(59 * MIB));
  assert.ok(!budget.hasRoom(60 * MIB));
  residentBytes = 99 * MIB;
  nowMs = 100;
  assert.ok(budget.hasRoom(60 * MIB));
  residentBytes = 100 * MIB;
  assert.ok(budget.hasRoom(60 * MIB));
  nowMs = 200;
  assert.ok(!budget.hasRoom(60 * MIB));
});

test('MemoryBudget of 0 is none', () => {
  const budget = new MemoryBudget(0, { residentBytes: () => Number.MAX_SAFE_INTEGER });
  assert.ok(budget.hasRoom(Number.MAX_SAFE_INTEGER));
  assert.equal(budget.seriesRoom(100_000), 100_000);
});

test('MemoryBudget.seriesRoom() leaves room for the process', () => {
  assert.equal(new MemoryBudget(1 * MIB).seriesRoom(100_000), 1);
  assert.equal(new MemoryBudget(456 * MIB).seriesRoom(100_000), 16_384);
  assert.equal(new MemoryBudget(64 * 1024 * MIB).seriesRoom(100_000), 100_000);
});

test('defaultBudgetBytes() is three quarters of what the process may have', () => {
  assert.ok(availableMemoryBytes() > 0 && availableMemoryBytes() <= totalmem());
  assert.equal(defaultBudgetBytes(), Math.floor(0.75 * availableMemoryBytes()));
});
