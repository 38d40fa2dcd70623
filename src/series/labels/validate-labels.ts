import { readLabelBlock } from '../../model/labels/label-block.js';
import { type Labels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import { Untracked } from '../../model/samples/write-sink.js';

/** How large a series' labels may be. */
export interface LabelLimits {
  readonly maxLabels: number;
  readonly maxLabelNameBytes: number;
  readonly maxLabelValueBytes: number;
}

/** Why the labels of a series are refused; `code` is one of `Untracked`. */
export class InvalidLabelsError extends Error {
  override name = 'InvalidLabelsError';
  readonly code: number;
  /** The labels as far as they can be read, to say which series it is, and whether anybody wants it. */
  readonly labels: Labels;

  constructor(code: number, message: string, labels: Labels, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.labels = labels;
  }
}

/** Tags and lengths around one label: 1 + 3 for the label, 1 + 3 for its name, 1 + 3 for its value. */
const LABEL_OVERHEAD_BYTES = 12;
/** So many labels of a block over the limits are read: one of many megabytes would make as many strings. */
const MAX_READ_LABELS = 400;

/** Reads the label block of a series seen for the first time. Throws `InvalidLabelsError` for labels that no series may have, and for more than the limits allow. */
export function validateLabels(bytes: Uint8Array, start: number, end: number, limits: LabelLimits): Labels {
  const { maxLabels, maxLabelNameBytes, maxLabelValueBytes } = limits;
  const maxBlockBytes = maxLabels * (maxLabelNameBytes + maxLabelValueBytes + LABEL_OVERHEAD_BYTES);
  const isHuge = end - start > maxBlockBytes;
  const { labels, problem } = readLabelBlock(bytes, start, end, isHuge ? MAX_READ_LABELS : Number.POSITIVE_INFINITY);
  const tooMuch = (message: string) => new InvalidLabelsError(Untracked.labelLimit, message, labels);
  const invalid = (message: string, cause?: unknown) =>
    new InvalidLabelsError(Untracked.invalidLabels, message, labels, { cause });
  if (isHuge) throw tooMuch(`its labels have ${end - start} bytes, more than ${maxLabels} labels may have`);
  if (problem !== undefined) throw invalid(problem.message, problem);
  if (labels.length > maxLabels) throw tooMuch(`it has ${labels.length} labels, more than ${maxLabels}`);
  for (const { name, value } of labels) {
    const nameBytes = Buffer.byteLength(name);
    if (nameBytes > maxLabelNameBytes) {
      throw tooMuch(`label name "${name.slice(0, 50)}…" has ${nameBytes} bytes, more than ${maxLabelNameBytes}`);
    }
    const valueBytes = Buffer.byteLength(value);
    if (valueBytes > maxLabelValueBytes) {
      throw tooMuch(`the value of label "${name}" has ${valueBytes} bytes, more than ${maxLabelValueBytes}`);
    }
  }
  // As Prometheus' own receiver does; our series are named after it.
  if (labelValue(labels, METRIC_NAME) === '') throw invalid('the series has no metric name');
  return labels;
}
