import {
  AdHocVariableBuilder,
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The data source that was chosen above. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Sentio's own query API, where it was chosen. */
export const SENTIO = { type: 'prometheus', uid: '${sentio_datasource}' };
/** A panel whose queries each have a data source. */
export const MIXED = { type: 'datasource', uid: '-- Mixed --' };

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

/** Kubernetes labels that select series; `All` also selects series without the label. */
export const SCOPE = ['namespace', 'service', 'pod'] as const;

/** A variable for each label of `SCOPE`, of the series that `selector` selects. */
export function scope(selector: string): QueryVariableBuilder[] {
  return SCOPE.map((label) =>
    choices(label, label[0]!.toUpperCase() + label.slice(1), `label_values(${selector}, ${label})`),
  );
}

/** A regular expression for values of a label, any to begin with, that nobody sees. */
export function any(label: string): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder(label).defaultValue('.*').hide(VariableHide.HideVariable);
}

/** The unit of the values, by the names that Grafana has for them. */
export function unit(): CustomVariableBuilder {
  const units = {
    number: 'short',
    bytes: 'bytes',
    'bytes per second': 'Bps',
    seconds: 's',
    'per second': 'reqps',
    'percent (0–100)': 'percent',
    'ratio (0–1)': 'percentunit',
    '°C': 'celsius',
  };
  return new CustomVariableBuilder('unit')
    .label('Unit')
    .values(
      Object.entries(units)
        .map(([text, value]) => `${text} : ${value}`)
        .join(', '),
    )
    .current({ text: 'number', value: 'short' });
}

/** Sentio's own query API, as a second data source: it has the future without remote_read. */
export function sentioDatasource(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('sentio_datasource')
    .label('Sentio')
    .type('prometheus')
    .current({ text: 'Sentio', value: 'sentio' });
}

/** Further matchers, on whatever label, that Grafana adds to every query. */
export function filters(): AdHocVariableBuilder {
  return new AdHocVariableBuilder('filters').label('Filters').datasource(DATASOURCE);
}
