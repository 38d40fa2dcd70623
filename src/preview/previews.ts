import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { type ChangedRule, changedRule, parseChange } from '../backtest/change/changed-rule.js';
import { compareAlarms } from '../backtest/change/compare.js';
import type { Anomaly } from '../backtest/measure/anomalies.js';
import { weeklyRate } from '../backtest/measure/weekly-rate.js';
import type { RuleChange } from '../backtest/tune/rule-text.js';
import type { Config } from '../config/config.js';
import type { EffectiveRule } from '../config/rules/fill-rule.js';
import { THREAD_FLAGS } from '../forecast/pool/thread-flags.js';
import { BusyError, UsageError } from '../lib/errors.js';
import type { Labels } from '../model/labels/labels.js';
import type { Samples } from '../model/samples/columns.js';
import { withKnownFigures } from '../model/settings/known-figures.js';
import type { SeriesReference } from '../model/settings/series-reference.js';
import type { Rule } from '../model/settings/settings.js';
import type { PreviewedSeries, PreviewTask } from './task.js';

/** Previews that wait for their turn; one runs at a time. */
const MAX_WAITING = 4;
/** 20 series of 15 days take some 20 s on a core that nobody else wants. */
const TIMEOUT_MS = 120_000;
const IDLE_MS = 30_000;
const DAY_MS = 86_400_000;

/** Keys that say how history is kept, which a replay of what was kept cannot change. */
const FIXED_KEYS = ['aggregate', 'history', 'resolution', 'max_series'] as const;

/** A tracked series with what the rings have of it. */
interface PreviewSource {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: Samples;
  /** What a reference to another series comes to at present; no number where that is not known. */
  readonly figureOf: (reference: SeriesReference) => number | string;
}

export interface PreviewRequest {
  /** All of one rule. */
  readonly series: readonly PreviewSource[];
  readonly rule: Rule;
  /** Keys of the rule, or texts as `sentio backtest --set` has them. */
  readonly change: RuleChange | readonly string[];
  /** How much of the end is judged. */
  readonly days: number;
}

interface PreviewAlarm extends Anomaly {
  readonly name: string;
  readonly labels: Labels;
  /** Whether the change takes it away, leaves it, or brings it. */
  readonly outcome: 'gone' | 'stayed' | 'added';
}

export interface Preview {
  readonly stepMs: { readonly before: number; readonly after: number };
  /** How long there were forecasts and values, of the series that had most of both. */
  readonly trackedMs: number;
  readonly count: { readonly before: number; readonly after: number };
  /** NaN for less than a week. */
  readonly alarmsPerWeek: { readonly before: number; readonly after: number };
  /** In order of time. */
  readonly alarms: readonly PreviewAlarm[];
  /** A configuration with the changed rule. */
  readonly yaml: string;
}

/** Says what other settings would have made of the last days, by replays in a thread of its own that starts when it is needed. */
export class Previews {
  readonly #config: () => Pick<Config, 'rules' | 'effective'>;
  #pool: Piscina<PreviewTask, PreviewedSeries> | undefined;
  #running = 0;

  /** `config` has the rules and calendars of the configuration now. */
  constructor(config: () => Pick<Config, 'rules' | 'effective'>) {
    this.#config = config;
  }

  /**
   * Gives how many of the series are done, first 0, and returns what came of all. Throws `UsageError` for a change that cannot
   * be, `BusyError`, and what `signal` says where that ends the work.
   */
  async *run({ series, rule, change, days }: PreviewRequest, signal: AbortSignal): AsyncGenerator<number, Preview> {
    const { rule: changed, yaml } = this.#change(rule, change);
    if (this.#running > MAX_WAITING) throw new BusyError(`${MAX_WAITING} previews are waiting already`);
    const { resolutionMs } = rule.settings;
    // The rings have a value a bucket, so that no step can be shorter.
    const stepMs = {
      before: Math.max(rule.settings.stepMs, resolutionMs),
      after: Math.max(changed.settings.stepMs, resolutionMs),
    };
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    this.#running++;
    this.#pool ??= openPool();
    try {
      const results: PreviewedSeries[] = [];
      for (const { name, labels, samples, figureOf } of series) {
        const known = (each: Rule) => ({ ...each, settings: withKnownFigures(each.settings, figureOf) });
        yield results.length;
        const untilMs = (samples.timesMs.at(-1) ?? 0) + resolutionMs;
        const task: PreviewTask = {
          name,
          labels,
          samples,
          before: { rule: known(rule), stepMs: stepMs.before },
          after: { rule: known(changed), stepMs: stepMs.after },
          fromMs: untilMs - days * DAY_MS,
          untilMs,
        };
        results.push(await this.#pool.run(task, { signal: AbortSignal.any([signal, timeout]) }));
      }
      return { stepMs, ...summaryOf(results, Math.max(stepMs.before, stepMs.after)), yaml };
    } catch (error) {
      if (timeout.aborted)
        throw new BusyError(`the preview took longer than ${TIMEOUT_MS / 1000} s: choose fewer series`);
      throw error;
    } finally {
      this.#running--;
    }
  }

  /** What a rule sets now that can be changed in a preview. Throws `UsageError` for a query. */
  settings(rule: Rule): Pick<EffectiveRule, 'step' | 'prophet' | 'anomaly' | 'limits'> {
    const { step, prophet, anomaly, limits } = this.#effective(rule);
    return { step, prophet, anomaly, limits };
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #effective(rule: Rule): EffectiveRule {
    const effective = this.#config().effective.rules.find(({ name }) => name === rule.name);
    if (effective !== undefined) return effective;
    throw new UsageError(`${rule.name} is a query: only rules can be changed in a preview`);
  }

  #change(rule: Rule, given: RuleChange | readonly string[]): ChangedRule {
    this.#effective(rule);
    const change = isTexts(given) ? parseChange(given) : given;
    for (const key of ['name', 'match', ...FIXED_KEYS]) {
      if (Object.hasOwn(change, key)) throw new UsageError(`${key}: cannot be changed in a preview`);
    }
    return changedRule(this.#config(), rule.name, change);
  }
}

function isTexts(change: RuleChange | readonly string[]): change is readonly string[] {
  return Array.isArray(change);
}

function openPool(): Piscina<PreviewTask, PreviewedSeries> {
  return new Piscina({
    filename: fileURLToPath(new URL('worker.js', import.meta.url)),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    execArgv: [...THREAD_FLAGS],
  });
}

function summaryOf(
  results: readonly PreviewedSeries[],
  stepMs: number,
): Pick<Preview, 'trackedMs' | 'count' | 'alarmsPerWeek' | 'alarms'> {
  const tracked = (side: 'before' | 'after') =>
    results.reduce((longest, result) => Math.max(longest, result[side].trackedMs), 0);
  const count = (side: 'before' | 'after') => results.reduce((sum, result) => sum + result[side].anomalies.length, 0);
  const rate = (side: 'before' | 'after') => weeklyRate(count(side), tracked(side));
  const alarms = results.flatMap(({ name, labels, before, after }): PreviewAlarm[] => {
    const compared = compareAlarms(before.anomalies, after.anomalies, stepMs);
    return (['gone', 'stayed', 'added'] as const).flatMap((outcome) =>
      compared[outcome].map((anomaly) => ({ ...anomaly, name, labels, outcome })),
    );
  });
  return {
    trackedMs: tracked('before'),
    count: { before: count('before'), after: count('after') },
    alarmsPerWeek: { before: rate('before'), after: rate('after') },
    alarms: alarms.sort((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1)),
  };
}
