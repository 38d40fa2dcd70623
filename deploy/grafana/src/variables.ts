import {
  AdHocVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The data source that was chosen above. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

export function datasource(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus')
    .current({ text: 'Prometheus', value: 'prometheus' });
}

/** One value out of what a query to Prometheus gives; of that, what the regex has in parentheses. */
export function choice(name: string, label: string, query: string, regex = ''): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .regex(regex)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc);
}

/** Any number of values; all of them, and series without the label too, to begin with. */
export function choices(name: string, label: string, query: string, regex = ''): QueryVariableBuilder {
  return choice(name, label, query, regex)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}

/** Further matchers, on whatever label, that Grafana adds to every query. */
export function filters(): AdHocVariableBuilder {
  return new AdHocVariableBuilder('filters').label('Filters').datasource(DATASOURCE);
}
