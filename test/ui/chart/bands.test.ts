import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandsAt, bandsOf } from '#src/ui/chart/bands.js';

const curve = {
  excluded_times: [
    { start: 100, end: 200, kind: 'maintenance', id: 'a', reason: 'disk swap', alarms: false, learn: false },
    { start: 150, end: 160, kind: 'not_an_anomaly', id: 'b', reason: '', alarms: false, learn: true },
    { start: 400, end: 500, kind: 'rule', reason: 'Backup', alarms: false, learn: false },
  ],
  special_days: [{ start: 0, end: 200, name: 'Unity Day', like: 'sunday', text: 'expected as a Sunday: Unity Day' }],
} as const;

test('bandsOf() says what each excluded time and special day is, special days first', () => {
  assert.deepEqual(
    bandsOf(curve).map(({ kind, text }) => [kind, text]),
    [
      ['special', 'expected as a Sunday: Unity Day'],
      ['excluded', 'maintenance: disk swap'],
      ['excluded', 'not an anomaly'],
      ['excluded', 'excluded by its rule: Backup'],
    ],
  );
});

test('bandsAt() finds every band that a time is in, without its end', () => {
  const at = (time: number) => bandsAt(bandsOf(curve), time).length;
  assert.deepEqual([99, 100, 150, 160, 199, 200, 400, 500].map(at), [1, 2, 3, 2, 2, 0, 1, 0]);
});
