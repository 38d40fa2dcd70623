import { sideBeyond } from '../../../engine/limits/limits.js';
import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import type { Explanation, Peers } from '../../../engine/query/explain.js';
import type { TrackedSeries } from '../../../engine/series/tracked-series.js';
import type { ExemplarStore } from '../../../exemplars/exemplar-store.js';
import { formatLabels, type Labels, labelsJson, labelValue, METRIC_NAME } from '../../../model/labels/labels.js';
import { unitOf, withUnit } from '../../../model/samples/unit.js';
import { referenceText } from '../../../model/settings/series-reference.js';
import type { Bounds } from '../../../model/settings/settings.js';
import { ALARM_REASONS, alarmJson, levelShiftJson } from '../alarm-json.js';
import {
  acceptanceJson,
  acceptanceText,
  excludedText,
  excludedTimeJson,
  specialDayJson,
  specialDayText,
} from '../exclusions/exclusion-json.js';
import type { ExplanationJson } from '../json/explanation.js';
import { number } from '../series-json.js';
import { eventSentence, eventsAround, nearbyEventJson } from './nearby-events.js';
import { stepExemplars } from './step-exemplars.js';

/** What is known of a series at a time, for programs and, in `text` and `notes`, for people. */
export function explanationJson(
  queries: EngineQueries,
  series: TrackedSeries,
  timeMs: number,
  nowMs: number,
  exemplars: Pick<ExemplarStore, 'select'>,
): ExplanationJson {
  const explanation = queries.explain(series, timeMs);
  const peers = queries.peers(series, explanation);
  const { aggregate, startMs, endMs, value, expected, parts, score, scoreBasis, alarm, similar } = explanation;
  const { rule, state } = queries.status(series);
  const { prophet } = queries.settings(series);
  const around = { fromMs: alarm?.fromMs ?? startMs, toMs: endMs };
  const events = eventsAround(queries.markers, queries.labels(series), around);
  return {
    metric: labelsJson(queries.labels(series)),
    rule,
    aggregate,
    state,
    start: startMs / 1000,
    end: endMs / 1000,
    observed: { value: number(value), width: (endMs - startMs) / 1000 },
    expected: expected && {
      yhat: number(expected.yhat),
      yhat_lower: number(expected.yhatLower),
      yhat_upper: number(expected.yhatUpper),
      interval_width: prophet.intervalWidth,
      parts: parts.map((part) => ({ name: part.name, value: number(part.value) })),
    },
    anomaly_score: number(score),
    score_basis: scoreBasis,
    level_shift: levelShiftJson(series.openShift),
    alarm: alarm === undefined ? null : alarmJson(queries, series, alarm),
    last_similar: similar === undefined ? null : alarmJson(queries, series, similar),
    peers: {
      series: peers.series,
      anomalous: peers.anomalous,
      worst: peers.worst.map((peer) => ({
        metric: labelsJson(queries.labels(peer.series)),
        alarm: alarmJson(queries, peer.series, peer.alarm),
      })),
    },
    events: events.map((event) => nearbyEventJson(event, around.fromMs)),
    exemplars: stepExemplars(exemplars, queries.labels(series), {
      startMs: Math.min(startMs, alarm?.fromMs ?? startMs),
      endMs: Math.max(endMs, alarm?.toMs ?? endMs),
    }),
    text: [
      inWords(queries.labels(series), rule, explanation, peers),
      ...eventSentence(events, around.fromMs, alarm !== undefined),
    ].join(' '),
    ...(explanation.specialDay && { special_day: specialDayJson(explanation.specialDay) }),
    excluded_times: explanation.excluded.map(excludedTimeJson),
    ...(explanation.acceptance && { acceptance: acceptanceJson(explanation.acceptance) }),
    notes: [
      ...(explanation.specialDay ? [specialDayText(explanation.specialDay)] : []),
      ...notes(explanation, queries.settings(series).stepMs, nowMs),
      ...shiftNotes(series),
      ...limitNotes(explanation.value, explanation.limits),
      ...explanation.references.map(referenceNote),
    ],
  };
}

/** The explanation as one would say it. */
function inWords(labels: Labels, rule: string, explanation: Explanation, peers: Peers): string {
  const { aggregate, startMs, value, expected, score, alarm, similar, excluded, acceptance } = explanation;
  const series = formatLabels(labels);
  const unit = unitOf(labelValue(labels, METRIC_NAME), aggregate === 'rate');
  const inUnit = (number: number) => withUnit(number, unit);
  const at = `At ${new Date(startMs).toISOString()}`;
  if (expected === undefined) {
    const none = `${at}, ${series} had no expected value: it has no model yet.`;
    return alarm === undefined ? none : `${none} Kind ${alarm.kind}: ${ALARM_REASONS[alarm.kind]}`;
  }
  const { yhat, yhatLower, yhatUpper } = expected;
  const interval = `${inUnit(yhat)}, between ${inUnit(yhatLower)} and ${inUnit(yhatUpper)}`;
  if (Number.isNaN(value))
    return [`${at}, ${series} has no value; expected: ${interval}.`, ...excluded.map(excludedText)].join(' ');
  const sentences = [
    `${at}, ${series} was ${inUnit(value)}; expected: ${interval}.`,
    ...(Number.isNaN(score)
      ? []
      : [`Anomaly score ${short(score)}: ${score > 1 ? 'alarm' : 'no alarm'} (alarm above 1).`]),
    ...excluded.map(excludedText),
    ...(acceptance === undefined ? [] : [acceptanceText(acceptance)]),
    ...(score > 1 && alarm !== undefined
      ? [`In alarm since ${new Date(alarm.fromMs).toISOString()}, kind ${alarm.kind}: ${ALARM_REASONS[alarm.kind]}`]
      : []),
    `Rule ${rule} has ${peers.series} series; ${others(peers.anomalous)} in alarm at that time.`,
  ];
  if (similar !== undefined) sentences.push(`The last similar alarm ended at ${new Date(similar.toMs).toISOString()}.`);
  return sentences.join(' ');
}

function others(count: number): string {
  if (count === 0) return 'no other was';
  return count === 1 ? '1 other was' : `${count} others were`;
}

/** Which of two levels is expected, while a level shift may still be undone. */
function shiftNotes({ openShift }: TrackedSeries): string[] {
  if (openShift === undefined) return [];
  const time = (ms: number) => new Date(ms).toISOString();
  const { atMs, sinceMs, holds } = openShift;
  const expected = holds === 'after' ? 'after it is expected' : 'before it is expected again';
  return [`its level shifted at ${time(atMs)}: since ${time(sinceMs)} the level ${expected}`];
}

/** Which limit of its rule the value is beyond. */
function limitNotes(value: number, limits: Bounds): string[] {
  const side = sideBeyond(value, limits);
  if (side === 0) return [];
  return side > 0 ? [`above its limit of ${limits.max}`] : [`below its limit of ${limits.min}`];
}

/** What its rule takes from another series. */
function referenceNote({ key, reference, match }: Explanation['references'][number]): string {
  const text = referenceText(reference);
  if (typeof match === 'number') return `${key} is ${match} now: ${text}`;
  const why = match === 'none' ? 'no series received matches' : 'several series with different values match';
  const until = key.startsWith('prophet.')
    ? 'growth is linear until it is known'
    : 'there is no limit until it is known';
  return `${key} is not known, because ${why}: ${text}; ${until}`;
}

/** What is to be known of where the figures come from. */
function notes(explanation: Explanation, stepMs: number, nowMs: number): string[] {
  const { startMs, endMs, value, expected, scoreBasis } = explanation;
  const found: string[] = [];
  if (expected !== undefined) {
    found.push(
      'the expected value comes from the present model and interval, not from what was published at that time',
    );
  }
  if (endMs > nowMs) found.push('this step is still open: its value and score may change');
  if (scoreBasis === 'distance')
    found.push('the score is based on the distance from the expected value alone, as the detector would judge it now');
  if (!Number.isNaN(value) && endMs - startMs > stepMs) {
    found.push(
      `single steps of that time are no longer stored: the value is the mean of ${(endMs - startMs) / 1000} s`,
    );
  }
  if (expected !== undefined) found.push('only the last 32 alarms of a series are remembered');
  return found;
}

/** Four digits are what people read. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
