import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTable, type TableRow } from '#src/demo/table.js';
import { makeLabels } from '#src/model/labels/labels.js';

function row(labels: Record<string, string>, score: number): TableRow {
  const last = { timeMs: 0, value: 61.1, yhat: 46.81, yhatLower: 42.98, yhatUpper: 51.04, score };
  const report = { labels: makeLabels(labels), state: 'forecasting', aggregate: 'mean', last };
  return { report: report as unknown as TableRow['report'], anomalies: 2 };
}

const ROWS = [
  row({ __name__: 'demo_cpu_usage_percent', host: 'web-1', disk: 'a', job: 'demo' }, 0.5),
  row({ __name__: 'demo_request_latency_seconds', host: 'web-1', disk: 'b', job: 'demo' }, 2.32),
];

test('the table has every label but job and instance, and marks what is anomalous', () => {
  assert.deepEqual(renderTable(ROWS, { color: false, columns: 200 }), [
    'series                                                 value   expected (interval)      score   anomalies',
    'demo_cpu_usage_percent{disk="a", host="web-1"}         61.1    46.81  (42.98 … 51.04)   0.50    2',
    'demo_request_latency_seconds{disk="b", host="web-1"}   61.1    46.81  (42.98 … 51.04)   2.32    2   ◀ anomaly',
  ]);
});

test('where the terminal is too narrow for it, labels that all series share give way', () => {
  const [, first, second] = renderTable(ROWS, { color: true, columns: 80 });
  assert.equal(first, 'demo_cpu_usage_percent{disk="a"}        61.1   46.81  (42.98 … 51.04)  0.50   2');
  assert.ok(second!.startsWith('\u001b[31mdemo_request_latency_seconds{disk="b"} '), second);
  assert.ok(second!.endsWith('\u001b[0m'), second);
});
