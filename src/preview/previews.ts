import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { type ChangedRule, changedRule } from '../backtest/change/changed-rule.js';
import { compareAlarms } from '../backtest/change/compare.js';
import type { Anomaly } from '../backtest/measure/anomalies.js';
import type { RuleChange } from '../backtest/tune/rule-text.js';
import type { EffectiveRule } from '../config/rules/fill-rule.js';
import { THREAD_FLAGS } from '../forecast/pool/thread-flags.js';
import { BusyError, UsageError } from '../lib/errors.js';
import type { Labels } from '../model/labels/labels.js';
import type { Samples } from '../model/samples/columns.js';
import type { Rule } from '../model/settings/settings.js';
import type { PreviewedSeries, PreviewTask } from './task.js';

/** Previews that wait for their turn; one runs at a time. */
const MAX_WAITING = 4;
/** 20 series of 15 days take some 20 s on a core that nobody else wants. */
const TIMEOUT_MS = 120_000;
const IDLE_MS = 30_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** Keys that say how history is kept, which a replay of what was kept cannot change. */
const FIXED_KEYS = ['aggregate', 'history', 'resolution', 'max_series'] as const;

/** A tracked series with what the rings have of it. */
interface PreviewSource {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: Samples;
}

export interface PreviewRequest {
  /** All of one rule. */
  readonly series: readonly PreviewSource[];
  readonly rule: Rule;
  readonly change: RuleChange;
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
  readonly alarmsPerWeek: { readonly before: number; readonly after: number };
  /** In order of time. */
  readonly alarms: readonly PreviewAlarm[];
  /** A configuration with the changed rule. */
  readonly yaml: string;
}

/** Says what other settings would have made of the last days, by replays in a thread of its own that starts when it is needed. */
export class Previews {
  readonly #rules: () => readonly EffectiveRule[];
  #pool: Piscina<PreviewTask, PreviewedSeries> | undefined;
  #running = 0;

  /** `rules` are those of the configuration now, in the words of the file. */
  constructor(rules: () => readonly EffectiveRule[]) {
    this.#rules = rules;
  }

  /** Rejects with `UsageError` for a change that cannot be, with `BusyError`, and as `signal` does where it ends the work. */
  async run({ series, rule, change, days }: PreviewRequest, signal: AbortSignal): Promise<Preview> {
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
      for (const { name, labels, samples } of series) {
        const untilMs = (samples.timesMs.at(-1) ?? 0) + resolutionMs;
        const task: PreviewTask = {
          name,
          labels,
          samples,
          before: { rule, stepMs: stepMs.before },
          after: { rule: changed, stepMs: stepMs.after },
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

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #change(rule: Rule, change: RuleChange): ChangedRule {
    const effective = this.#rules().find(({ name }) => name === rule.name);
    if (effective === undefined)
      throw new UsageError(`${rule.name} is a query: only rules can be changed in a preview`);
    for (const key of ['name', 'match', ...FIXED_KEYS]) {
      if (Object.hasOwn(change, key)) throw new UsageError(`${key}: cannot be changed in a preview`);
    }
    return changedRule(effective, change);
  }
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

function summaryOf(results: readonly PreviewedSeries[], stepMs: number): Pick<Preview, 'alarmsPerWeek' | 'alarms'> {
  const rate = (side: 'before' | 'after') => {
    const trackedMs = results.reduce((longest, result) => Math.max(longest, result[side].trackedMs), 0);
    const alarms = results.reduce((sum, result) => sum + result[side].anomalies.length, 0);
    return trackedMs === 0 ? 0 : alarms / (trackedMs / WEEK_MS);
  };
  const alarms = results.flatMap(({ name, labels, before, after }): PreviewAlarm[] => {
    const compared = compareAlarms(before.anomalies, after.anomalies, stepMs);
    return (['gone', 'stayed', 'added'] as const).flatMap((outcome) =>
      compared[outcome].map((anomaly) => ({ ...anomaly, name, labels, outcome })),
    );
  });
  return {
    alarmsPerWeek: { before: rate('before'), after: rate('after') },
    alarms: alarms.sort((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1)),
  };
}
