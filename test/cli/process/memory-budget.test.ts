import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { availableMemoryBytes, defaultBudgetBytes, MemoryBudget } from '#src/cli/process/memory-budget.js';

const MIB = 2 ** 20;

test('MemoryBudget measures from time to time, and adds what series have grown by in between', () => {
  let nowMs = 0;
  let residentBytes = 90 * MIB;
  const budget = new MemoryBudget(100 * MIB, { now: () => nowMs, residentBytes: () => residentBytes });
  const hasRoom = (heldBytes: number) => budget.hasRoom(heldBytes, false);
  assert.ok(hasRoom(50 * MIB));
  assert.ok(hasRoom(59 * MIB));
  assert.ok(!hasRoom(60 * MIB));
  residentBytes = 99 * MIB;
  nowMs = 100;
  assert.ok(hasRoom(60 * MIB));
  residentBytes = 100 * MIB;
  assert.ok(hasRoom(60 * MIB));
  nowMs = 200;
  assert.ok(!hasRoom(60 * MIB));
});

test('MemoryBudget keeps room for the models of series that are new, until they have them', () => {
  const MINUTE = 60_000;
  let nowMs = 0;
  let residentBytes = 50 * MIB;
  const budget = new MemoryBudget(100 * MIB, { now: () => nowMs, residentBytes: () => residentBytes });
  assert.ok(budget.hasRoom(0));
  // 30 MiB more are held, and with models they will be 43.5.
  residentBytes = 80 * MIB;
  nowMs = MINUTE;
  assert.ok(budget.hasRoom(30 * MIB));
  residentBytes = 88 * MIB;
  nowMs = 2 * MINUTE;
  assert.ok(!budget.hasRoom(38 * MIB));
  assert.ok(budget.hasRoom(38 * MIB, false), 'what comes from a snapshot has its models already');
  nowMs = 3 * MINUTE;
  assert.ok(budget.hasRoom(38 * MIB), 'and what came until then counts as that');

  residentBytes = 88 * MIB;
  for (; nowMs < 30 * MINUTE; nowMs += MINUTE) budget.hasRoom(65 * MIB);
  assert.ok(budget.hasRoom(65 * MIB), 'after twenty minutes they have grown to their size');
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
