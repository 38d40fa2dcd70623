import { formatLabels } from '../model/labels.js';
import { Untracked } from '../model/write-sink.js';
import { AdmissionError, admitLabels, type LabelLimits } from './admission.js';

/** Why the series of bytes [start, end) is not tracked, as `code` of `Untracked` says: a phrase of bounded length. */
export function describeUntracked(
  bytes: Uint8Array,
  start: number,
  end: number,
  code: number,
  limits: LabelLimits & { readonly maxSeries: number },
): string {
  try {
    const labels = admitLabels(bytes, start, end, limits);
    const series = cap(formatLabels(labels));
    switch (code) {
      case Untracked.noRule:
        return `no rule matches ${series}`;
      case Untracked.ownOutput:
        return `${series} is output of Sentio`;
      default:
        return `${series} is one more than the limit of ${limits.maxSeries} series`;
    }
  } catch (error) {
    if (!(error instanceof AdmissionError)) throw error;
    return `a series was refused: ${cap(error.message)}`;
  }
}

function cap(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
