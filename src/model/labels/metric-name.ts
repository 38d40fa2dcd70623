import { blockLabelValue } from './block-label.js';
import { type Labels, METRIC_NAME, makeLabels } from './labels.js';

const NAME = new TextEncoder().encode(METRIC_NAME);

/** The metric name in a canonical label block, read without decoding the other labels; `''` where there is none. */
export function metricNameOf(block: Uint8Array): string {
  return blockLabelValue(block, NAME);
}

/** The labels of the metric `name` that has all others of these, whether or not they have a name. */
export function withName(labels: Labels, name: string): Labels {
  const others = labels.filter((label) => label.name !== METRIC_NAME);
  return makeLabels([[METRIC_NAME, name], ...others.map((label) => [label.name, label.value] as const)]);
}
