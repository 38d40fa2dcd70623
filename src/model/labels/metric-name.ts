import { blockLabelValue } from './block-label.js';
import { compareUtf8, type Labels, METRIC_NAME } from './labels.js';

const NAME = new TextEncoder().encode(METRIC_NAME);

/** The metric name in a canonical label block, read without decoding the other labels; `''` where there is none. */
export function metricNameOf(block: Uint8Array): string {
  return blockLabelValue(block, NAME);
}

/** The labels of the metric `name` that has all others of these, whether or not they have a name. */
export function withName(labels: Labels, name: string): Labels {
  const others = labels.filter((label) => label.name !== METRIC_NAME);
  if (name === '') return others;
  // The others are sorted: to sort and check them again takes several times as long.
  const at = others.findIndex((label) => compareUtf8(label.name, METRIC_NAME) > 0);
  others.splice(at < 0 ? others.length : at, 0, { name: METRIC_NAME, value: name });
  return others;
}
