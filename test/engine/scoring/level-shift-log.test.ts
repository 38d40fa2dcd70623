import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { LevelShiftLog } from '#src/engine/scoring/level-shift-log.js';
import { acceptLevel, swapHypotheses } from '#src/engine/series/level-state.js';
import { HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

test('the log says which level is expected, since when, and when the series left its level', () => {
  const { store, settings, append } = storeWith('m', 'step: 1m');
  append(START, 50);
  const series = trackedAround(50, settings);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const shifts = new LevelShiftLog({ store, log, registry: new Registry() });
  const time = (timeMs: number) => new Date(timeMs).toISOString();

  acceptLevel(store, series, { atMs: START, factor: 2, offset: 0, resetsHistory: false }, 1, START + 2 * HOUR);
  shifts.report(series, { kind: 'accepted', timeMs: START + 2 * HOUR, from: 50, to: 100 });
  swapHypotheses(store, series, START + 5 * HOUR, START + 5 * HOUR + MINUTE);
  shifts.report(series, { kind: 'reverted', timeMs: START + 5 * HOUR + MINUTE, from: 100, to: 50 });

  assert.deepEqual(
    lines.map(({ msg, series: name, shifted_at, since, from, to }) => [msg, name, shifted_at, since, from, to]),
    [
      [
        'level shift accepted: the new level is expected from now on',
        'm',
        time(START),
        time(START + 2 * HOUR),
        50,
        100,
      ],
      [
        'level shift reverted: the former level is expected again',
        'm',
        time(START),
        time(START + 5 * HOUR + MINUTE),
        100,
        50,
      ],
    ],
  );
});
