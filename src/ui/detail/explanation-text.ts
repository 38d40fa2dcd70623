import type { AlarmJson } from '../../http/api/json/alarms.js';
import type { AcceptanceJson, ExcludedTimeJson } from '../../http/api/json/exclusions.js';
import type { ExplanationJson } from '../../http/api/json/explanation.js';
import { exclusionName } from '../chart/exclusion-name.js';
import { formatCount, formatScore } from '../lib/format.js';
import { sideOfInterval } from '../lib/interval-side.js';
import { localDateTime, localDayTime, localTime, roughDuration } from '../lib/times.js';

/** A difference between the forecast and the sum of its parts that rounding cannot explain, in parts of the interval. */
const MIN_CLIPPED = 1 / 100;

/** What became of a step, in a sentence. `now` is in Unix seconds. */
export function verdict(explanation: ExplanationJson, now: number): string {
  const { start, observed, expected, anomaly_score: score, alarm, excluded_times: excluded, acceptance } = explanation;
  if (expected === undefined) return 'Nothing was expected: Sentio is still learning this series.';
  if (observed.value === null) return start > now ? 'This is still to come.' : 'No value came then.';
  if (acceptance !== undefined) return acceptanceText(acceptance);
  const silent = excluded.find(({ alarms }) => !alarms);
  if (silent !== undefined) return `No score and no alarm: ${excludedText(silent)}`;
  if (score === null) return 'There is no score of that time.';
  const side = sideOfInterval({
    value: observed.value,
    yhat_lower: expected.yhat_lower,
    yhat_upper: expected.yhat_upper,
  });
  const where = side === undefined ? 'Inside its interval' : `${side === 'above' ? 'Above' : 'Below'} its interval`;
  if (alarm?.suppressed === true) return `${where}. It often is so at this time of the day: no alarm.`;
  if (score > 1 && alarm !== null) return `${where}, and in alarm. ${alarm.reason}`;
  if (score > 1) return `${where}, ${side === undefined ? 'yet' : 'and'} rare enough to be an alarm.`;
  if (alarm !== null) return `${where}, in the course of an alarm.`;
  return side === undefined ? 'Inside its interval, as expected.' : `${where}, but not rare enough to be an alarm.`;
}

/** Why a time is excluded, until when, and whether it is learnt. */
export function excludedText({ kind, reason, end, alarms, learn }: ExcludedTimeJson): string {
  const effects = [...(alarms ? [] : ['no alarms']), learn ? 'it is learnt' : 'nothing is learnt'];
  return `${exclusionName(kind, reason)}, until ${localDayTime(end)}; ${effects.join(', ')}.`;
}

/** Because of what a reader said an alarm is none. */
function acceptanceText({ reason, created }: AcceptanceJson): string {
  const because = reason === '' ? '' : `: ${reason}`;
  return `Accepted, no alarm: it, or the like of it, was marked as not an anomaly on ${localDayTime(created)}${because}.`;
}

/** A span of time, with its day only once. */
export function spanText(start: number, end: number): string {
  const day = (time: number) => localDateTime(time).slice(0, 10);
  return `${localDayTime(start)} – ${day(start) === day(end) ? localTime(end) : localDayTime(end)}`;
}

export function alarmText({ start, end, is_ongoing: isOngoing, peak_score: peak }: AlarmJson): string {
  const when = isOngoing
    ? `Since ${localDayTime(start)}, for ${roughDuration(end - start)} so far`
    : `${spanText(start, end)}, for ${roughDuration(end - start)}`;
  return `${when}; highest score ${formatScore(peak)}`;
}

/** What is to be said of an incident behind its time, seen from a later one. */
export function similarText({ start, end, peak_score: peak }: AlarmJson, later: number): string {
  return `${roughDuration(later - end)} before, for ${roughDuration(end - start)}; highest score ${formatScore(peak)}`;
}

/** What happened, and how long before the alarm, or the step. */
export function eventText({ marker, text, before }: ExplanationJson['events'][number]): string {
  const when = before >= 0 ? `${roughDuration(before)} before` : `${roughDuration(-before)} later`;
  return `${when}: ${text} (${marker})`;
}

export function othersText({ rule, peers: { series, anomalous, worst } }: ExplanationJson): string {
  if (series === 1) return `The rule ${rule} has no other series.`;
  const of = `of the ${formatCount(series - 1)} other series of the rule ${rule}`;
  if (anomalous === 0) return `None ${of} was in alarm then.`;
  const highest = anomalous > worst.length ? `; the ${worst.length} highest` : '';
  return `${formatCount(anomalous)} ${of} ${anomalous === 1 ? 'was' : 'were'} in alarm then${highest}:`;
}

/** Each part of what is expected as `format` writes it: the trend, and with its sign what a season adds. */
export function partTexts(
  { parts }: NonNullable<ExplanationJson['expected']>,
  format: (value: number | null) => string,
): { name: string; text: string }[] {
  return parts.map(({ name, value }, i) => ({
    name,
    text: i > 0 && value !== null && value >= 0 ? `+${format(value)}` : format(value),
  }));
}

/** Whether the bounds of its rule keep a forecast from what its parts add up to. */
export function isClipped(expected: NonNullable<ExplanationJson['expected']>): boolean {
  const { yhat, yhat_lower: lower, yhat_upper: upper, parts } = expected;
  if (yhat === null || lower === null || upper === null) return false;
  const sum = parts.reduce((total, { value }) => total + (value ?? Number.NaN), 0);
  return Math.abs(sum - yhat) > Math.max((upper - lower) * MIN_CLIPPED, Math.abs(sum) * 1e-6);
}
