import type { PreviewFormAnswer } from '../../http/api/json/preview.js';

/** A setting of a rule that can be tried: its key in the configuration file, and what it is now. */
export interface Knob {
  /** `anomaly.min_deviation` */
  readonly key: string;
  readonly title: string;
  readonly help: string;
  /** As YAML has it; empty where nothing is set. */
  readonly value: string;
  /** Its only values, where there are few. */
  readonly choices?: readonly string[];
}

const HELP: Readonly<Record<string, string>> = {
  step: 'How long a step is, such as 5m. Here no shorter than the buckets that history is kept in.',
  'prophet.interval_width':
    'The share of steps that the interval is meant to hold, such as 0.99. Alarms do not depend on it.',
  'anomaly.direction': 'On which side of the forecast a value can be an alarm.',
  'anomaly.min_deviation': 'Smaller deviations are no alarm, in the unit of the metric: 5, or {up: 5, down: 20}.',
  'anomaly.min_relative_deviation': 'Smaller deviations are no alarm, as a share of the forecast: 0.1 is ten percent.',
  'anomaly.false_alarms': 'How many false alarms of one series are bearable: 1 per week, 1 per month.',
  'anomaly.accept_after': 'How long a new level must stay until it is what is expected, such as 2h.',
  'limits.min': 'A smaller value is an alarm, whatever was learnt.',
  'limits.max': 'A greater value is an alarm, whatever was learnt.',
};
const CHOICES: Readonly<Record<string, readonly string[]>> = { 'anomaly.direction': ['both', 'up', 'down'] };
/** They change nothing of what is an alarm. */
const SILENT_KEYS = ['publish_kind'];

/** What can be tried of a rule: every key of `anomaly`, whichever there are, and the settings beside it that matter. */
export function knobsOf({ step, prophet, anomaly, limits }: PreviewFormAnswer['data']['settings']): Knob[] {
  const settings: [string, unknown][] = [
    ['step', step],
    ['prophet.interval_width', prophet.interval_width],
    ...Object.entries(anomaly)
      .filter(([key]) => !SILENT_KEYS.includes(key))
      .map(([key, value]): [string, unknown] => [`anomaly.${key}`, value]),
    ['limits.min', limits.min],
    ['limits.max', limits.max],
  ];
  return settings.map(([key, value]) => ({
    key,
    title: key.replace(/^(prophet|anomaly)\./, '').replace(/[._]/g, ' '),
    help: HELP[key] ?? `${key} in the configuration`,
    value: yamlText(value),
    ...(CHOICES[key] !== undefined && { choices: CHOICES[key] }),
  }));
}

/** What differs between the settings and what was typed, as `sentio backtest --set` has it; an emptied one is back at its default. */
export function changesOf(knobs: readonly Knob[], typed: ReadonlyMap<string, string>): string[] {
  return knobs.flatMap(({ key, value }) => {
    const text = (typed.get(key) ?? value).trim();
    if (text === value) return [];
    return [`${key}=${text === '' ? 'null' : text}`];
  });
}

function yamlText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value)
    .map(([key, each]) => `${key}: ${typeof each === 'number' ? each : JSON.stringify(each)}`)
    .join(', ')}}`;
}
