import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { Explanation, Peers } from '../../engine/query/explain.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import { formatLabels } from '../../model/labels.js';
import { ALARM_REASONS, incidentJson, levelShiftJson } from './alarm-json.js';
import type { ExplanationJson } from './api.js';
import { labelsJson, number } from './series-json.js';

/** What is known of a series at a time, for programs and, in `text` and `notes`, for people. */
export function explanationJson(
  queries: EngineQueries,
  series: TrackedSeries,
  timeMs: number,
  nowMs: number,
): ExplanationJson {
  const explanation = queries.explain(series, timeMs);
  const peers = queries.peers(series, explanation);
  const { aggregate, startMs, endMs, value, expected, parts, score, scoreBasis, incident, similar } = explanation;
  const { rule, state } = queries.status(series);
  const { prophet } = queries.settings(series);
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
    incident: incident === undefined ? null : incidentJson(queries, series, incident),
    last_similar: similar === undefined ? null : incidentJson(queries, series, similar),
    peers: {
      series: peers.series,
      anomalous: peers.anomalous,
      worst: peers.worst.map((peer) => ({
        metric: labelsJson(queries.labels(peer.series)),
        incident: incidentJson(queries, peer.series, peer.incident),
      })),
    },
    text: inWords(formatLabels(queries.labels(series)), rule, explanation, peers),
    notes: [...notes(explanation, queries.settings(series).stepMs, nowMs), ...shiftNotes(series)],
  };
}

/** The explanation as one would say it. */
function inWords(series: string, rule: string, explanation: Explanation, peers: Peers): string {
  const { startMs, value, expected, score, incident, similar } = explanation;
  const at = `At ${new Date(startMs).toISOString()}`;
  if (expected === undefined) return `${at}: ${series} has not been fitted yet, so nothing is expected of it.`;
  const { yhat, yhatLower, yhatUpper } = expected;
  const interval = `${short(yhat)}, between ${short(yhatLower)} and ${short(yhatUpper)}`;
  if (Number.isNaN(value)) return `${at} there is no value of ${series}; expected is ${interval}.`;
  const verdict = score > 1 ? 'an alarm' : 'no alarm';
  const sentences = [
    `${at} ${series} was ${short(value)}; expected was ${interval}.`,
    `That scores ${short(score)}, ${verdict}: over 1 is one.`,
    ...(score > 1 && incident !== undefined ? [`Kind ${incident.kind}: ${ALARM_REASONS[incident.kind]}`] : []),
    `Of the ${peers.series} series of rule ${rule}, ${others(peers.anomalous)} in alarm then.`,
  ];
  if (similar !== undefined) sentences.push(`The last one like it ended at ${new Date(similar.toMs).toISOString()}.`);
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

/** What is to be known of where the figures come from. */
function notes(explanation: Explanation, stepMs: number, nowMs: number): string[] {
  const { startMs, endMs, value, expected, scoreBasis } = explanation;
  const found: string[] = [];
  if (expected !== undefined) {
    found.push('expected is what the present model and interval say of that time, not what was published then');
  }
  if (endMs > nowMs) found.push('the time is not over: what there is of its value may change, and no score is final');
  if (scoreBasis === 'distance') found.push('the score is that of the distance alone, by what is known now');
  if (!Number.isNaN(value) && endMs - startMs > stepMs) {
    found.push(`steps of that time are not kept any more: the value is the mean of ${(endMs - startMs) / 1000} s`);
  }
  if (expected !== undefined) found.push('alarms are known as far as the last 32 of each series');
  return found;
}

/** Four digits are what people read. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
