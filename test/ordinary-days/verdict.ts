import { DAY, HOUR, MINUTE, type Outcome } from './instance.js';

/** Alarms that are no further apart than this, or than two steps, are one. */
const QUIET_MS = 10 * MINUTE;

/** Collects what is wrong with an outcome. Spans are [fromMs, toMs) of the beginnings of steps. */
export class Verdict {
  readonly faults: string[] = [];
  readonly #outcome: Outcome;
  readonly #stepMs: number;

  constructor(outcome: Outcome, stepMs: number) {
    this.#outcome = outcome;
    this.#stepMs = stepMs;
  }

  /** Nothing, or not more than `most` alarms, in a span. */
  silent(what: string, fromMs: number, toMs: number, most = 0): this {
    const alarms = this.#alarms(fromMs, toMs);
    if (alarms.length > most) {
      const [first] = alarms;
      const steps = alarms.reduce((sum, alarm) => sum + alarm.steps, 0);
      const after = ((first!.fromMs - fromMs) / HOUR).toFixed(2);
      this.faults.push(`${what}: ${alarms.length} alarms (${steps} steps), the first after ${after} h`);
    }
    return this;
  }

  /** Not more than so many alarms a week from `fromMs` on, and always one allowed. */
  quiet(what: string, fromMs: number, toMs: number, perWeek = 1): this {
    return this.silent(what, fromMs, toMs, Math.max(1, Math.ceil((perWeek * (toMs - fromMs)) / (7 * DAY))));
  }

  /** At least this share of the steps of a span in alarm. */
  lasting(what: string, fromMs: number, toMs: number, share: number): this {
    const { scores } = this.#outcome;
    let all = 0;
    let alarmed = 0;
    for (let i = this.#row(fromMs); i < this.#row(toMs); i++) {
      all++;
      if (scores[i]! > 1) alarmed++;
    }
    if (alarmed < share * all) this.faults.push(`${what}: ${alarmed} of ${all} steps in alarm, ${share} wanted`);
    return this;
  }

  /** An alarm without a break for `forMs`, as an alert rule with `for:` needs it. */
  firing(what: string, fromMs: number, toMs: number, forMs: number): this {
    const { timesMs, scores } = this.#outcome;
    let sinceMs = Number.NaN;
    let longestMs = 0;
    for (let i = this.#row(fromMs); i < this.#row(toMs); i++) {
      if (!(scores[i]! > 1)) sinceMs = Number.NaN;
      else {
        if (Number.isNaN(sinceMs)) sinceMs = timesMs[i]!;
        // Up to the end of the step.
        longestMs = Math.max(longestMs, timesMs[i]! - sinceMs + this.#stepMs);
      }
    }
    if (longestMs < forMs) this.faults.push(`${what}: ${(longestMs / MINUTE).toFixed(1)} min in alarm without a break`);
    return this;
  }

  /** An alarm begins, or goes on, within the span. */
  found(what: string, fromMs: number, toMs: number): this {
    if (this.#alarms(fromMs, toMs).length === 0) this.faults.push(`${what}: not found`);
    return this;
  }

  /** The run of alarms in a span is one, with interruptions at most as long as an alert rule holds on. */
  one(what: string, fromMs: number, toMs: number, most = 1): this {
    const { length } = this.#alarms(fromMs, toMs);
    if (length === 0 || length > most) this.faults.push(`${what}: ${length} alarms instead of ${most}`);
    return this;
  }

  /**
   * Forecast and interval in a span are as good and as wide as they were before `beforeMs`, in as many days at the same times of
   * the day and, of a series with a week, of the week: some times are harder to forecast than others, whatever happened.
   */
  asBefore(what: string, beforeMs: number, fromMs: number, toMs: number, hasWeek: boolean): this {
    const periodMs = hasWeek ? 7 * DAY : DAY;
    const backMs = Math.ceil((toMs - beforeMs) / periodMs) * periodMs;
    const was = this.#errors(fromMs - backMs, toMs - backMs);
    const is = this.#errors(fromMs, toMs);
    // Of few steps the mean error differs by chance; three neighbours are taken to be worth one.
    const chance = 1 + 1.84 / Math.sqrt(is.count);
    if (!(is.mae <= 1.2 * chance * was.mae))
      this.faults.push(`${what}: MAE ${was.mae.toPrecision(3)} → ${is.mae.toPrecision(3)}`);
    if (!(is.width <= 1.2 * was.width))
      this.faults.push(`${what}: width ${was.width.toPrecision(3)} → ${is.width.toPrecision(3)}`);
    return this;
  }

  #errors(fromMs: number, toMs: number): { mae: number; width: number; count: number } {
    const { observed, yhat, yhatLower, yhatUpper } = this.#outcome;
    let error = 0;
    let width = 0;
    let count = 0;
    for (let i = this.#row(fromMs); i < this.#row(toMs); i++) {
      if (!Number.isFinite(observed[i]!) || !Number.isFinite(yhat[i]!)) continue;
      error += Math.abs(observed[i]! - yhat[i]!);
      width += yhatUpper[i]! - yhatLower[i]!;
      count++;
    }
    return { mae: error / count, width: width / count, count };
  }

  #alarms(fromMs: number, toMs: number): { fromMs: number; toMs: number; steps: number }[] {
    const { timesMs, scores } = this.#outcome;
    const found: { fromMs: number; toMs: number; steps: number }[] = [];
    for (let i = this.#row(fromMs); i < this.#row(toMs); i++) {
      if (!(scores[i]! > 1)) continue;
      const last = found.at(-1);
      if (last !== undefined && timesMs[i]! - last.toMs <= Math.max(QUIET_MS, 2 * this.#stepMs)) {
        last.toMs = timesMs[i]!;
        last.steps++;
      } else found.push({ fromMs: timesMs[i]!, toMs: timesMs[i]!, steps: 1 });
    }
    return found;
  }

  /** The first row at or after a time. */
  #row(timeMs: number): number {
    const { timesMs } = this.#outcome;
    let low = 0;
    let high = timesMs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timesMs[middle]! < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
