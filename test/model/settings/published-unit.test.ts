import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedUnit } from '#src/model/settings/published-unit.js';

test('a forecast has the unit of its source; a score, a rate, and what has no unit have none', () => {
  const cases: [name: string, unit: string][] = [
    ['node_memory_MemAvailable_bytes_yhat', 'bytes'],
    ['request_duration_seconds_yhat_lower', 'seconds'],
    ['request_duration_seconds_yhat_upper', 'seconds'],
    ['request_duration_seconds_anomaly_score', ''],
    ['process_cpu_seconds_total_rate_yhat', ''],
    ['process_cpu_seconds_total_rate_y', ''],
    ['node_load1_yhat', ''],
    ['seconds_yhat', ''],
    ['request_duration_seconds', ''],
  ];
  for (const [name, unit] of cases) assert.equal(publishedUnit(name), unit, name);
});
