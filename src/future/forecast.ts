import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readCsv } from '../backtest/input/csv.js';
import { LiveRange } from '../backtest/input/live-range.js';
import { samplingIntervalMs } from '../backtest/input/recorded-series.js';
import { settingsAtStep } from '../backtest/replay/settings-at-step.js';
import { ConfigError, formatProblem } from '../config/document/problems.js';
import { defaultConfig, loadConfig } from '../config/load.js';
import { fetchCalendars } from '../feeds/fetch-calendars.js';
import { parseDuration } from '../lib/durations.js';
import { UsageError } from '../lib/errors.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME, makeLabels } from '../model/labels/labels.js';
import { type Unit, unitOf } from '../model/samples/unit.js';
import { withKnownFigures } from '../model/settings/known-figures.js';
import { ruleChooser } from '../model/settings/rule-chooser.js';
import type { Rule, SeriesSettings } from '../model/settings/settings.js';
import { Pacing } from '../remote/read/pacing.js';
import { likelyAggregate } from '../series/metric-types.js';
import { formatCsv, formatJson } from './format.js';
import { LiveFigures } from './live-figures.js';
import { lookAhead, type Outlook } from './outlook.js';
import { drawOutlook } from './picture.js';
import { type LiveSeries, readLive } from './read-live.js';

export interface ForecastFlags {
  /** A CSV file, or the address of a Prometheus, of which `selector` says what to read. */
  readonly source: string;
  readonly selector?: string | undefined;
  /** Durations: how far ahead (the rule's horizon if not given), how far apart, and how far back values are learnt from. */
  readonly horizon?: string | undefined;
  readonly step?: string | undefined;
  readonly history?: string | undefined;
  readonly configFile?: string | undefined;
  readonly includeHistory?: boolean | undefined;
  readonly json?: boolean | undefined;
  /** An `.svg` or `.html` file. */
  readonly picture?: string | undefined;
}

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * The command `forecast`: the future of a file's series, or of series of a Prometheus, as CSV or JSON on standard output and as a
 * picture. Returns the exit code.
 */
export async function forecast(flags: ForecastFlags, { stdout, stderr }: Streams = process): Promise<0 | 1> {
  try {
    const outlooks = await outlooksOf(flags, (text) => stderr.write(`${text}\n`));
    stdout.write(
      `${flags.json === true ? formatJson(outlooks.map(([each]) => each)) : formatCsv(outlooks.map(([each]) => each))}\n`,
    );
    if (flags.picture !== undefined) {
      writePicture(flags.picture, outlooks);
      stderr.write(`picture: ${flags.picture}\n`);
    }
    return 0;
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) stderr.write(`${formatProblem(problem, flags.configFile)}\n`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function outlooksOf(flags: ForecastFlags, complain: (text: string) => void): Promise<[Outlook, Unit][]> {
  const config =
    flags.configFile === undefined ? defaultConfig() : await fetchCalendars(loadConfig(flags.configFile), complain);
  const chooseRule = ruleChooser(config.rules);
  const ruleOf = (labels: Labels): Rule => {
    const rule = chooseRule(labels);
    if (rule === undefined) throw new UsageError(`No rule of ${flags.configFile} matches ${formatLabels(labels)}`);
    return rule;
  };
  const horizonMs = durationOf('--horizon', flags.horizon);
  const stepMs = durationOf('--step', flags.step);
  const historyMs = durationOf('--history', flags.history);
  const { picture } = flags;
  if (picture !== undefined && !/\.(svg|html)$/.test(picture)) {
    throw new UsageError(`--picture must be a file that ends in .svg or .html, got ${JSON.stringify(picture)}`);
  }
  const includesHistory = flags.includeHistory === true;

  if (flags.selector === undefined) {
    if (/^https?:\/\//.test(flags.source)) {
      throw new UsageError(`Say what to forecast of ${flags.source}: a selector or an expression`);
    }
    const name = basename(flags.source, '.csv');
    const recorded = readCsv(flags.source);
    const labels = makeLabels({ __name__: name });
    const ownStepMs = stepMs ?? samplingIntervalMs(recorded.samples.timesMs);
    const { settings: ruled, name: rule } = ruleOf(labels);
    if (refersForGrowth(ruled)) {
      complain(`rule ${rule} takes prophet.cap or floor from another series, which a file has not: growth is linear`);
    }
    const settings = settingsAtStep(
      withKnownFigures(ruled, () => undefined),
      ownStepMs,
    );
    const fromMs = historyMs === undefined ? Number.NEGATIVE_INFINITY : recorded.samples.timesMs.at(-1)! - historyMs;
    const options = {
      settings,
      stepMs: ownStepMs,
      followsMonths: stepMs === undefined,
      horizonMs: horizonMs ?? settings.horizonMs,
      fromMs,
      includesHistory,
    };
    return [[lookAhead(name, recorded, options), unitOf(name, false)]];
  }

  const range = new LiveRange(flags.source, config.remoteRead, new Pacing({ onWait: complain }));
  try {
    const nowMs = Date.now();
    const outlooks: [Outlook, Unit][] = [];
    const figures = new LiveFigures(range, config.receiver.externalLabels, nowMs);
    for (const { name, labels, isRate, recorded } of await readAll(range, flags.selector, {
      nowMs,
      stepMs,
      historyMs,
      ruleOf,
    })) {
      const { settings: ruled, name: rule } = ruleOf(labels);
      const prophet = await figures.growthOf(labels, ruled.prophet);
      if (refersForGrowth(ruled) && prophet.growth !== 'logistic')
        complain(`rule ${rule}: no series has the prophet.cap or floor of ${name}: growth is linear`);
      const settings = settingsAtStep({ ...ruled, prophet }, stepMs ?? ruled.stepMs);
      const options = {
        settings,
        stepMs: settings.stepMs,
        horizonMs: horizonMs ?? settings.horizonMs,
        fromMs: Number.NEGATIVE_INFINITY,
        includesHistory,
      };
      outlooks.push([lookAhead(name, recorded, options), unitOf(labelValue(labels, METRIC_NAME), isRate)]);
    }
    return outlooks;
  } finally {
    await range.close();
  }
}

function readAll(
  range: LiveRange,
  selector: string,
  {
    nowMs,
    stepMs,
    historyMs,
    ruleOf,
  }: { nowMs: number; stepMs: number | undefined; historyMs: number | undefined; ruleOf: (labels: Labels) => Rule },
): Promise<LiveSeries[]> {
  // Of an expression the labels are known once it is read: what decides is the first rule that takes any name.
  const { settings } = ruleOf(makeLabels({ __name__: /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0] ?? 'expression' }));
  return readLive(range, selector, {
    startMs: nowMs - (historyMs ?? settings.historyMs),
    endMs: nowMs,
    stepMs: stepMs ?? settings.stepMs,
    isCounter: (labels) => isCounter(ruleOf(labels), labels),
  });
}

/** Whether limits of growth are those of another series. */
function refersForGrowth({ prophet }: SeriesSettings): boolean {
  return prophet.capFrom !== undefined || prophet.floorFrom !== undefined;
}

/** By the rule, or where that leaves it to the type, by the name, because a query returns no types. */
function isCounter({ settings: { aggregate } }: Rule, labels: Labels): boolean {
  const likely = likelyAggregate(labelValue(labels, METRIC_NAME));
  return (aggregate === 'auto' ? likely : aggregate) === 'rate';
}

function durationOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  throw new UsageError(`${flag} ${text}: must be a duration such as 30s, 1h30m or 7d`);
}

function writePicture(path: string, outlooks: readonly [Outlook, Unit][]): void {
  const images = outlooks.map(([outlook, unit]) => drawOutlook(outlook, unit));
  const text = path.endsWith('.svg')
    ? images[0]!
    : `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Sentio forecast</title>
<style>:root { color-scheme: light dark; } body { max-width: 1160px; margin: 24px auto; background: light-dark(#fff, #131619); }</style>
${images.join('\n')}
</html>
`;
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new UsageError(`Cannot write --picture ${path}: ${(cause as Error).message}`, { cause });
  }
}
