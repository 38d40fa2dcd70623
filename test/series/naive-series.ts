import type { SampleOutcome } from '#src/model/samples/write-sink.js';
import type { Aggregate } from '#src/model/settings/settings.js';

type Outcome = keyof typeof SampleOutcome;

export interface NaiveOptions {
  readonly aggregate: Aggregate;
  readonly stepMs: number;
  readonly resolutionMs: number;
  readonly steps: number;
  readonly buckets: number;
}

/** What a series should be, written for the eye: every value of every step is kept, and everything is computed when asked. */
export class NaiveSeries {
  readonly #options: NaiveOptions;
  readonly #byStep = new Map<number, number[]>();
  readonly #pairsByStep = new Map<number, { increase: number; seconds: number }[]>();
  readonly #history = new Map<number, number>();
  /** The thirty-seconds of the open step that have a sample. */
  readonly #openParts = new Set<number>();
  #newest: { timeMs: number; value: number } | undefined;
  /** The newest sample that was taken into a step that was over. */
  #lateMs = Number.NEGATIVE_INFINITY;

  constructor(options: NaiveOptions) {
    this.#options = options;
  }

  append(timeMs: number, value: number): Outcome {
    const { aggregate, stepMs, steps } = this.#options;
    if (!Number.isFinite(value)) return 'notFinite';
    const step = Math.floor(timeMs / stepMs);
    const newest = this.#newest;
    if (newest === undefined || timeMs > newest.timeMs) {
      // A fall by a hundredth or less, of the value or of 1, is a correction: the counter goes on from where it was.
      const isDip = newest !== undefined && isCorrection(newest.value, value);
      if (newest !== undefined && timeMs - newest.timeMs <= Math.max(300_000, 2 * stepMs)) {
        const increase = isDip ? 0 : value >= newest.value ? value - newest.value : value;
        push(this.#pairsByStep, step, { increase, seconds: (timeMs - newest.timeMs) / 1000 });
      }
      if (newest === undefined || step !== Math.floor(newest.timeMs / stepMs)) this.#openParts.clear();
      this.#openParts.add(Math.floor((32 * (timeMs % stepMs)) / stepMs));
      this.#newest = { timeMs, value: aggregate === 'rate' && isDip ? newest.value : value };
      push(this.#byStep, step, value);
      this.#rederive(step);
      return 'stored';
    }
    if (timeMs === newest.timeMs) return 'duplicate';
    const openStep = Math.floor(newest.timeMs / stepMs);
    const part = (at: number) => Math.floor((32 * (at % stepMs)) / stepMs);
    const isThereAlready = this.#openParts.has(part(timeMs));
    const single = aggregate === 'max' || aggregate === 'min' || (aggregate === 'mean' && !isThereAlready);
    const goesOn = timeMs > this.#lateMs && Math.floor(this.#lateMs / stepMs) === step;
    const takesLate = aggregate !== 'rate' && step > openStep - steps && (goesOn || !this.#byStep.has(step));
    if (!(step === openStep ? single : takesLate)) return 'late';
    if (step === openStep) this.#openParts.add(part(timeMs));
    else this.#lateMs = timeMs;
    push(this.#byStep, step, value);
    this.#rederive(step);
    return 'stored';
  }

  /** The steps that have a value, in time order. */
  steps(): [step: number, value: number][] {
    const newest = this.#newestStep();
    return this.#stepsBetween(newest - this.#options.steps + 1, newest);
  }

  /** The coarse buckets that have a value, in time order. */
  history(): [bucket: number, value: number][] {
    const newest = this.#bucketOf(this.#newestStep());
    return [...this.#history].filter(([bucket]) => bucket > newest - this.#options.buckets).sort(([a], [b]) => a - b);
  }

  #rederive(step: number): void {
    const bucket = this.#bucketOf(step);
    const first = (bucket * this.#options.resolutionMs) / this.#options.stepMs;
    const last = first + this.#options.resolutionMs / this.#options.stepMs - 1;
    const values = this.#stepsBetween(first, last).map(([, value]) => value);
    const complete = first > this.#newestStep() - this.#options.steps;
    if (values.length > 0 && (complete || !this.#history.has(bucket))) {
      this.#history.set(bucket, complete ? mean(values) : this.#stepValue(step)!);
    }
  }

  #stepsBetween(first: number, last: number): [step: number, value: number][] {
    const wanted = [...this.#byStep.keys()].filter((step) => step >= first && step <= last).sort((a, b) => a - b);
    return wanted.flatMap((step): [number, number][] => {
      const value = this.#stepValue(step);
      return value === undefined ? [] : [[step, value]];
    });
  }

  #stepValue(step: number): number | undefined {
    const values = this.#byStep.get(step) ?? [];
    switch (this.#options.aggregate) {
      case 'mean':
        return mean(values);
      case 'max':
        return Math.max(...values);
      case 'min':
        return Math.min(...values);
      case 'last':
        return values.at(-1);
      case 'rate': {
        const pairs = this.#pairsByStep.get(step);
        if (pairs === undefined) return undefined;
        return sum(pairs.map((pair) => pair.increase)) / sum(pairs.map((pair) => pair.seconds));
      }
    }
  }

  #newestStep(): number {
    return Math.floor(this.#newest!.timeMs / this.#options.stepMs);
  }

  #bucketOf(step: number): number {
    return Math.floor((step * this.#options.stepMs) / this.#options.resolutionMs);
  }
}

function isCorrection(before: number, after: number): boolean {
  const fall = before - after;
  return fall > 0 && (fall <= 0.01 * before || (fall <= 0.02 && after >= before / 2));
}

function push<T>(map: Map<number, T[]>, key: number, item: T): void {
  map.set(key, [...(map.get(key) ?? []), item]);
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mean(values: number[]): number {
  return sum(values) / values.length;
}
