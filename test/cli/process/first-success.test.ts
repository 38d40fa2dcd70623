import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { pino } from 'pino';
import { FirstSuccess, type Progress } from '#src/cli/process/first-success.js';
import { SECOND } from '../../fixtures.js';

const NONE: Progress = {
  tracked: 0,
  unmatched: { series: 0, nearMiss: undefined },
  withForecast: 0,
  isWritten: false,
};

/** Lets a minute pass under each of `stages`, and returns what was logged. */
function logged(t: { after: (fn: () => void) => void }, ...stages: Partial<Progress>[]): Record<string, unknown>[] {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  t.after(() => mock.timers.reset());
  const lines: Record<string, unknown>[] = [];
  let progress = NONE;
  const first = new FirstSuccess({
    progress: () => progress,
    page: 'http://127.0.0.1:9201/',
    log: pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    now: Date.now,
  });
  for (const stage of stages) {
    progress = { ...NONE, ...stage };
    mock.timers.tick(60 * SECOND);
  }
  first.close();
  return lines;
}

test('a start is silent while nothing arrives, and until a target has taken forecasts', (t) => {
  assert.deepEqual(logged(t, {}, { tracked: 5 }, { tracked: 5, withForecast: 5 }), []);
});

test('the first forecasts that are written are logged once, with what is tracked, ignored, and the page', (t) => {
  const success = { tracked: 12, unmatched: { series: 503, nearMiss: undefined }, withForecast: 12, isWritten: true };
  assert.deepEqual(logged(t, { tracked: 12 }, success, success), [
    {
      level: 30,
      series: 12,
      ignored: 503,
      withForecast: 12,
      page: 'http://127.0.0.1:9201/',
      msg: 'first forecasts are written',
    },
  ]);
});

test('without targets the first forecasts that are made are logged', (t) => {
  const [line] = logged(t, { tracked: 1, withForecast: 1, isWritten: undefined });
  assert.equal(line?.msg, 'first forecasts are made');
});

test('series that no rule matches are warned of once, with what looks like a typo', (t) => {
  const nearMiss = { rule: 'web', label: '__name__', wanted: 'node_lod1', found: 'node_load1' };
  const inVain = { unmatched: { series: 515, nearMiss } };
  assert.deepEqual(logged(t, inVain, inVain), [
    {
      level: 40,
      series: 515,
      rule: 'web',
      msg: '515 series arrive, none matches a rule; nearest name "node_load1" (rule "web" asks for "node_lod1")',
    },
  ]);
});
