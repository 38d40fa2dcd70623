import { type Unit, withUnit } from '../../model/samples/unit.js';
import type { RecordedSeries } from '../input/recorded-series.js';
import type { Anomaly } from '../measure/anomalies.js';
import { windowsOf } from '../measure/events.js';
import type { Replay } from '../replay/replay.js';
import { fixed, lasting, minute } from '../summary/format-table.js';
import { expectation } from '../summary/summary.js';
import { chart } from './chart.js';

const WIDTH = 1000;
const HEIGHT = 200;
const CLOSE_WIDTH = 360;
const CLOSE_HEIGHT = 120;
const MAX_CLOSE_UPS = 6;

/** The picture of one series: all of it, and its worst alarms close up, in the order of time. */
export function picture(
  recorded: RecordedSeries,
  replayed: Replay,
  options: {
    anomalies: readonly Anomaly[];
    unit: Unit;
    zone: string;
    stepMs: number;
    fromMs: number;
  },
): string {
  const { anomalies, unit, zone, stepMs, fromMs } = options;
  const { timesMs } = replayed;
  const windows = recorded.labels === undefined ? [] : windowsOf(timesMs, recorded.labels);
  const common = { stepMs, unit, zone, anomalies, windows };
  const whole = chart(replayed, {
    ...common,
    fromMs: Math.max(fromMs, timesMs[0]!),
    untilMs: timesMs.at(-1)! + stepMs,
    width: WIDTH,
    height: HEIGHT,
    ticks: 10,
  });
  const closeUps = anomalies
    .toSorted((a, b) => b.peakScore - a.peakScore)
    .slice(0, MAX_CLOSE_UPS)
    .sort((a, b) => a.startMs - b.startMs)
    .map((anomaly) => {
      const { startMs, endMs } = anomaly;
      const aroundMs = Math.max(30 * stepMs, endMs - startMs);
      const closeUp = chart(replayed, {
        ...common,
        fromMs: startMs - aroundMs,
        untilMs: endMs + aroundMs,
        width: CLOSE_WIDTH,
        height: CLOSE_HEIGHT,
        ticks: 4,
      });
      return `<figure>${closeUp}<figcaption>${caption(anomaly, options)}</figcaption></figure>`;
    });
  const left = anomalies.length - closeUps.length;
  const more = left > 0 ? `<p class="dim">${left} more alarms are not shown close up.</p>` : '';
  return `${whole}${closeUps.length > 0 ? `<div class="closeups">${closeUps.join('\n')}</div>` : ''}${more}`;
}

function caption(anomaly: Anomaly, { unit, zone, stepMs }: { unit: Unit; zone: string; stepMs: number }): string {
  const { startMs, endMs, peakScore, value, isMarked } = anomaly;
  const marked = isMarked === undefined ? '' : isMarked ? ' · <b class="right">marked</b>' : ' · not marked';
  return `<b>${minute(startMs, zone)}</b>, ${lasting(endMs - startMs + stepMs)} · score ${fixed(peakScore, 2)}${marked}
<br>${withUnit(value, unit)}, expected ${expectation(anomaly, unit)}`;
}
