import { encodeLabelBlock } from '../../model/labels/label-block.js';
import { type Labels, labelValue, makeLabels } from '../../model/labels/labels.js';
import type { Severity } from '../../model/settings/settings.js';
import { SEVERITY_LABEL } from '../../model/settings/synthetic.js';

/**
 * The label block of a series of which alarms page; undefined where its own labels are right: of a ticket, and where its source
 * says itself how severe its alarms are.
 */
export function withSeverity(labels: Labels, severity: Severity): Uint8Array | undefined {
  if (severity === 'ticket' || labelValue(labels, SEVERITY_LABEL) !== '') return undefined;
  const pairs = labels.map(({ name, value }) => [name, value] as const);
  return encodeLabelBlock(makeLabels([...pairs, [SEVERITY_LABEL, severity]]));
}
