import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { configWarnings } from '#src/config/warnings.js';

const warningsOf = (config: object) => configWarnings(parseConfig(JSON.stringify(config), '.'));

test('URLs with the path of their protocol, or one of another database, are not warned of', () => {
  const urls = ['http://p:9090/api/v1/write', 'http://mimir/api/v1/push', 'http://thanos/api/v1/receive'];
  assert.deepEqual(warningsOf({ remote_write: urls.map((url, i) => ({ name: `${i}`, url })) }), []);
  assert.deepEqual(warningsOf({ remote_read: [{ url: 'http://p:9090/api/v1/read' }] }), []);
});

test('a URL without a path is warned of, without its query', () => {
  assert.deepEqual(
    warningsOf({
      remote_write: [{ name: 'p', url: 'http://p:9090?token=secret' }],
      remote_read: [{ url: 'http://p:9090' }],
    }),
    [
      'remote_write "p": http://p:9090/ has no path; the one of a Prometheus is /api/v1/write',
      'remote_read "p:9090": http://p:9090/ has no path; the one of a Prometheus is /api/v1/read',
    ],
  );
});

test('URLs of reading and writing that are swapped are warned of', () => {
  assert.deepEqual(
    warningsOf({ remote_write: [{ url: 'http://p/api/v1/read' }], remote_read: [{ url: 'http://p/api/v1/write' }] }),
    [
      'remote_write "p": http://p/api/v1/read looks like the wrong one of two URLs; the path of a Prometheus is /api/v1/write',
      'remote_read "p": http://p/api/v1/write looks like the wrong one of two URLs; the path of a Prometheus is /api/v1/read',
    ],
  );
});

test('calendars that run out, and what the history does not reach, are warned of', () => {
  const days = [
    { name: 'a', date: '2026-02-01' },
    { name: 'b', date: '2027-01-01' },
  ];
  const config = {
    calendars: [
      { name: 'past', days: [{ name: 'a', date: '2026-02-01' }] },
      { name: 'some', days },
      { name: 'fetched', ical: { url: 'http://localhost/a.ics' } },
    ],
    rules: [
      {
        name: 'r',
        match: ['a'],
        special_days: [
          { calendar: 'past', ignore: true },
          { calendar: 'some', learn: true },
          { calendar: 'fetched', learn: true },
        ],
        prophet: { changepoints: ['2026-01-01'] },
      },
    ],
  };
  const warnings = (now: string) => configWarnings(parseConfig(JSON.stringify(config), '.'), Date.parse(now));
  assert.deepEqual(warnings('2026-01-10'), [
    'calendar "some" has no day in the history of 15d: there is nothing to learn yet',
  ]);
  assert.deepEqual(warnings('2026-02-10'), [
    'calendar "past" has no day in the coming year',
    'rule "r": none of its changepoints is in the history of 15d',
  ]);
});

test('an expression that is no PromQL is warned of, because its source may speak MetricsQL', () => {
  const queries = (expr: string) => ({
    query_sources: [{ name: 'p', url: 'http://p:9090/api/v1/query_range' }],
    queries: [{ name: 'orders', expr, step: '1m', source: 'p' }],
  });
  assert.deepEqual(warningsOf(queries('sum by (job) (rate(orders_total[5m])) > 0 or vector(0)')), []);
  const [warning, ...more] = warningsOf(queries('sum(rate(orders_total[5m]) keep_metric_names'));
  assert.deepEqual(more, []);
  assert.match(
    warning!,
    /^query orders: its expression is no PromQL, which is right only if its source speaks MetricsQL or another version of PromQL: /,
  );
});

test('excluded times that leave none that alarms, or none that is learnt, are warned of', () => {
  const now = Date.parse('2026-06-03T10:00Z');
  const warningsFor = (rule: object) => {
    const calendars = [{ name: 'closed', days: [{ name: 'a', from: '2026-05-01', to: '2026-07-31' }] }];
    const config = { calendars, rules: [{ name: 'r', match: ['a'], ...rule }] };
    return configWarnings(parseConfig(JSON.stringify(config), '.'), now);
  };
  const alarms = 'rule "r": all of the coming 4 weeks is excluded: nothing will alarm';
  const learn = 'rule "r": all of the history of 15d is excluded: there is nothing to learn';
  const week = [
    { weekly: 'monday 00:00', for: '5d' },
    { weekly: 'saturday 00:00', for: '2d' },
  ];
  assert.deepEqual(warningsFor({ exclude: week }), [alarms, learn]);
  assert.deepEqual(warningsFor({ exclude: week.slice(0, 1) }), []);
  assert.deepEqual(warningsFor({ exclude: week.map((times) => ({ ...times, learn: true })) }), [alarms]);
  assert.deepEqual(warningsFor({ exclude: week.map((times) => ({ ...times, alarms: true })) }), [learn]);
  assert.deepEqual(warningsFor({ exclude: [{ from: '2026-01-01', to: '2026-06-01' }] }), []);
  assert.deepEqual(warningsFor({ special_days: [{ calendar: 'closed', ignore: true }] }), [alarms, learn]);
});
