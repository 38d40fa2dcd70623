import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { ArrivalReports } from '#src/engine/publish/arrival-reports.js';
import { noteArrival } from '#src/engine/series/arrival-state.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

/** Samples every `everyMs`, `lagMs` late, for two hours; returns what was logged and counted. */
async function reported(everyMs: number, lagMs: number, isGap = (_timeMs: number) => false) {
  const { store, append } = storeWith('m', 'step: 1m');
  const registry = new Registry();
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const series = new TrackedSeries(0);
  let nowMs = START;
  const reports = new ArrivalReports({ store, tracked: () => [series], log, now: () => nowMs, registry });
  for (; nowMs < START + 2 * HOUR; nowMs += MINUTE) {
    for (let timeMs = nowMs - MINUTE; timeMs < nowMs; timeMs += 15 * SECOND) {
      if ((timeMs - START) % everyMs === 0 && !isGap(timeMs)) append(timeMs - lagMs, 5);
    }
    if (store.size === 0) continue;
    noteArrival(store, series, nowMs);
    reports.check(series);
  }
  const text = await registry.metrics();
  const counted = [...text.matchAll(/sentio_tracked_series_late\{status="(\w+)"\} (\d)/g)].map(([, status, n]) => [
    status,
    Number(n),
  ]);
  return { said: lines.map(({ msg }) => msg), lines, counted: Object.fromEntries(counted) };
}

test('of a series that is on time nothing is said', async () => {
  const { said, counted } = await reported(15 * SECOND, 0);
  assert.deepEqual(said, []);
  assert.deepEqual(counted, { scored: 0, too_late: 0 });
});

test('a series that is late is reported once, with its rule and by how much', async () => {
  const { lines, counted } = await reported(15 * SECOND, 3 * MINUTE);
  assert.deepEqual(
    lines.map(({ msg, series, rule, seconds }) => [msg, series, rule, seconds]),
    [['samples come later than publish_delay: steps are scored when they have come', 'm', 'test', 180]],
  );
  assert.deepEqual(counted, { scored: 1, too_late: 0 });
});

test('one that is more than an hour late is said not to be scored', async () => {
  const { said, counted } = await reported(15 * SECOND, 3 * HOUR);
  assert.deepEqual(said, ['samples come too late: the series is not scored']);
  assert.deepEqual(counted, { scored: 0, too_late: 1 });
});

test('a rule whose samples are five minutes apart is recommended a longer step', async () => {
  const { lines } = await reported(5 * MINUTE, 0);
  assert.deepEqual(
    lines.map(({ msg, step }) => [msg, step]),
    [['samples are further apart than a step: a longer step is recommended', '300s']],
  );
});

test('the step that is recommended is the interval that the samples settle at', async () => {
  const isGap = (timeMs: number) => timeMs > START + 30 * MINUTE && (timeMs - START) % (5 * MINUTE) !== 0;
  const { lines } = await reported(MINUTE, 0, isGap);
  assert.deepEqual(
    lines.map(({ step }) => step),
    ['300s'],
  );
});

test('a gap or two in an hour are not taken for a rare series', async () => {
  const isGap = (timeMs: number) => (timeMs - START) % HOUR > 20 * MINUTE && (timeMs - START) % HOUR < 35 * MINUTE;
  for (const everyMs of [15 * SECOND, MINUTE]) assert.deepEqual((await reported(everyMs, 0, isGap)).said, []);
});
