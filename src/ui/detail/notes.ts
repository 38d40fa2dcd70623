import type { SeriesJson, SettlingJson } from '../../http/api/json/series.js';
import { formatCount } from '../lib/format.js';
import { limitTexts } from '../lib/limit-text.js';
import { formatDuration, localDayTime, roughDuration } from '../lib/times.js';
import { excludedText } from './explanation-text.js';

type Described = Pick<
  SeriesJson,
  | 'state'
  | 'alarm'
  | 'excluded'
  | 'settling'
  | 'level_shift'
  | 'missing'
  | 'late'
  | 'sample_interval'
  | 'fit'
  | 'fit_error'
  | 'reaches_limit'
>;

/** What is to be known of a series beside its figures, a paragraph each, the most urgent first. */
export function notesOf(series: Described): string[] {
  const { state, alarm, missing, settling, level_shift: shift, fit, fit_error: fitError } = series;
  const notes: string[] = [];
  if (fitError !== undefined) notes.push(`The last fit failed: ${fitError}`);
  if (state === 'ended') {
    const since = missing === undefined ? '' : ` since ${localDayTime(missing.since)}`;
    return [...notes, `Ended: no sample has come${since}.`];
  }
  for (const one of series.excluded ?? []) notes.push(`Excluded now: ${excludedText(one)}`);
  if (alarm !== undefined) notes.push(`In alarm since ${localDayTime(alarm.since)}. ${alarm.reason}`);
  notes.push(...limitTexts(series));
  if (shift !== undefined) notes.push(levelText(shift));
  if (settling !== undefined) notes.push(settlingText(settling, fit !== undefined));
  if (series.late !== undefined) notes.push(lateText(series.late));
  if (series.sample_interval !== undefined)
    notes.push(`A sample comes every ${duration(series.sample_interval)} only: a longer step would suit it.`);
  return notes.filter((note) => note !== '');
}

function lateText({ by, scored }: NonNullable<SeriesJson['late']>): string {
  return scored
    ? `Its samples come up to ${duration(by)} late: each step is scored when they have come.`
    : 'Its samples come more than an hour late: it is not scored.';
}

/** Which level is expected, and since when. */
export function levelText({ time, expected, since }: NonNullable<SeriesJson['level_shift']>): string {
  const shifted = `The level shifted at ${localDayTime(time)}`;
  if (expected === 'before') {
    return `${shifted} and shifted back: the level from before is expected again since ${localDayTime(since)}.`;
  }
  return `${shifted}: the new level is expected since ${localDayTime(since)}. If the series goes back within a week, so does the forecast.`;
}

function settlingText({ forecast, value }: SettlingJson, isFitted: boolean): string {
  const parts: string[] = [];
  if (!isFitted) {
    const when = forecast === undefined ? 'as soon as it is fitted' : `from ${minute(forecast)} on`;
    parts.push(`Learning: forecasts ${when}.`);
  }
  if (value !== undefined) parts.push(`Until ${minute(value)} only values very far from the forecast are alarms.`);
  return parts.join(' ');
}

/** What the model was trained on: `240 means of 1m, the last 4 h`. */
export function trainingText({ points, resolution }: NonNullable<SeriesJson['fit']>): string {
  return `${formatCount(points)} means of ${formatDuration(resolution)}, the last ${roughDuration(points * resolution)}`;
}

/** What the model knows of the rhythm of the series, and when it will know more. */
export function knowledgeText({ seasons }: NonNullable<SeriesJson['fit']>, settling: SettlingJson | undefined): string {
  const later = [
    ['day', settling?.daily],
    ['week', settling?.weekly],
  ] as const;
  const coming = later.flatMap(([what, from]) =>
    from === undefined ? [] : `the rhythm of a ${what} from ${minute(from)}`,
  );
  return [['trend', ...seasons].join(', '), ...coming].join('; ');
}

/** What a young series is not watched for yet, and from when on it will be; empty where there is nothing. */
export function laterChecksText({ stuck, level_shift: level, drift }: SettlingJson): string {
  const later = [
    ['stuck values', stuck],
    ['new levels', level],
    ['drift', drift],
  ] as const;
  return later.flatMap(([what, from]) => (from === undefined ? [] : `${what} from ${minute(from)}`)).join(', ');
}

/** These times are estimates. */
function minute(seconds: number): string {
  return localDayTime(seconds).slice(0, -3);
}

/** In words: `90 s`, `5 min`. */
function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
