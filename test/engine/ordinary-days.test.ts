import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../ordinary-days/kinds.js';
import { replayInstance } from '../ordinary-days/replay-instance.js';

/** Three instances of each kind that is told right nearly always (docs/accuracy.md), at steps that are quick to replay. */
const SEEDS: Readonly<Record<string, readonly number[]>> = {
  outage: [2002, 2009, 2010],
  surge: [2002, 2009, 2012],
  deploy: [2002, 2009, 2012],
  gap: [2002, 2009, 2010],
  night: [2002, 2020, 2028],
  job: [2006, 2011, 2020],
  degradation: [2002, 2004, 2005],
  growth: [2002, 2004, 2009],
  constant: [2002, 2004, 2009],
  dst: [2002, 2004, 2009],
  queue: [2012, 2016, 2020],
};

for (const [kind, seeds] of Object.entries(SEEDS)) {
  for (const seed of seeds) {
    const instance = KINDS[kind]!(seed);
    test(`ordinary days, ${kind}: ${instance.text}`, () => {
      assert.deepEqual(instance.verdict(replayInstance(instance)), []);
    });
  }
}
