import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

const REF_ID = 'unit';

/** The unit that was chosen, as a label: Grafana takes no variable for the unit of a panel, but it takes one from a query. */
export function unitQuery(): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(REF_ID)
    .expr('label_replace(vector(1), "unit", "${unit}", "", "")')
    .legendFormat('unit')
    .instant()
    .format(PromQueryFormat.Table);
}

/** Gives every line of a panel the unit of `unitQuery`, which is not drawn itself. */
export const UNIT_OF_QUERY: DataTransformerConfig = {
  id: 'configFromData',
  options: {
    configRefId: REF_ID,
    mappings: [
      { fieldName: 'unit', handlerKey: 'unit' },
      { fieldName: 'Time', handlerKey: '__ignore' },
      { fieldName: 'Value', handlerKey: '__ignore' },
    ],
  },
};
