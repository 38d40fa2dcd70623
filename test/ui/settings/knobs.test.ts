import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, knobsOf } from '#src/ui/settings/knobs.js';

const KNOBS = knobsOf({
  step: '1m',
  prophet: { interval_width: 0.99 },
  anomaly: {
    direction: 'both',
    min_deviation: { up: 5, down: 20 },
    accept_after: '2h',
    publish_kind: true,
    new_key: 1,
  },
  limits: { max: 90 },
});

test('every key of anomaly that decides what is an alarm can be tried, also one that the page does not know', () => {
  assert.deepEqual(
    KNOBS.map(({ key, title, value }) => [key, title, value]),
    [
      ['step', 'step', '1m'],
      ['prophet.interval_width', 'interval width', '0.99'],
      ['anomaly.direction', 'direction', 'both'],
      ['anomaly.min_deviation', 'min deviation', '{up: 5, down: 20}'],
      ['anomaly.accept_after', 'accept after', '2h'],
      ['anomaly.new_key', 'new key', '1'],
      ['limits.min', 'limits min', ''],
      ['limits.max', 'limits max', '90'],
    ],
  );
  assert.deepEqual(KNOBS.find(({ key }) => key === 'anomaly.direction')?.choices, ['both', 'up', 'down']);
});

test('what is sent is what was typed otherwise, and an emptied key is back at its default', () => {
  const typed = new Map([
    ['step', ' 5m '],
    ['anomaly.direction', 'both'],
    ['anomaly.min_deviation', '{up: 7}'],
    ['limits.min', ''],
    ['limits.max', ''],
  ]);
  assert.deepEqual(changesOf(KNOBS, typed), ['step=5m', 'anomaly.min_deviation={up: 7}', 'limits.max=null']);
  assert.deepEqual(changesOf(KNOBS, new Map()), []);
});
