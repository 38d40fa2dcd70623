import { type Labels, labelsJson, makeLabels } from '../../model/labels/labels.js';
import { SampleOutcome } from '../../model/samples/write-sink.js';
import type { Referenced } from './referenced.js';

/** The last value of a series that no rule tracks. */
export class LastValue implements Referenced {
  readonly labels: Labels;
  value = Number.NaN;
  timeMs = Number.NEGATIVE_INFINITY;
  isEnded = false;
  /** When anything came last, in the time of `ReceivingTime`. */
  arrivedMs: number;

  constructor(labels: Labels, arrivedMs: number) {
    this.labels = labels;
    this.arrivedMs = arrivedMs;
  }

  append(timeMs: number, value: number): SampleOutcome {
    if (!Number.isFinite(value)) return SampleOutcome.notFinite;
    if (timeMs === this.timeMs) return SampleOutcome.duplicate;
    if (timeMs < this.timeMs) return SampleOutcome.late;
    this.value = value;
    this.timeMs = timeMs;
    this.isEnded = false;
    return SampleOutcome.stored;
  }

  appendStale(timeMs: number): SampleOutcome {
    if (timeMs < this.timeMs) return SampleOutcome.late;
    this.isEnded = true;
    return SampleOutcome.stored;
  }
}

/** A value with its series as a line of text. */
export function formatLastValue({ labels, value, timeMs, isEnded }: LastValue): string {
  return `${JSON.stringify([labelsJson(labels), timeMs, value, isEnded])}\n`;
}

/** Reads what `formatLastValue` wrote. Throws `SyntaxError` for anything else. */
export function parseLastValue(line: string, arrivedMs: number): LastValue {
  const read: unknown = JSON.parse(line);
  const [pairs, timeMs, value, isEnded] = Array.isArray(read) ? read : [];
  const isSound =
    typeof pairs === 'object' &&
    pairs !== null &&
    Object.values(pairs).every((text) => typeof text === 'string') &&
    Number.isFinite(timeMs) &&
    Number.isFinite(value) &&
    typeof isEnded === 'boolean';
  if (!isSound) throw new SyntaxError(`no last value of a series: ${line.slice(0, 100)}`);
  const last = new LastValue(makeLabels(pairs as Record<string, string>), arrivedMs);
  last.value = value;
  last.timeMs = timeMs;
  last.isEnded = isEnded;
  return last;
}
