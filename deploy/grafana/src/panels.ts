import {
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  type GraphFieldConfig,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATASOURCE, MIXED } from './variables.js';

/** An expression and what its series are called; `refId` is its place: A, B, C … */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** What every panel says of itself. Widths are of 24 columns, heights of rows of 30 pixels. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  readonly unit?: string;
  readonly width: number;
  readonly height?: number;
}

/** Lines over time. Empty where nothing was published: a gap is shown, not drawn over. */
export function lines(text: PanelText, queries: readonly Query[]): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.None));
  return dressed(panel, text).targets(queries.map((query, place) => rangeQuery(query, place)));
}

/** Lines of queries to more than one data source. */
export function mixedLines(
  text: PanelText,
  queries: readonly (Query & { readonly datasource: DataSourceRef })[],
): TimeseriesBuilder {
  return lines(text, [])
    .datasource(MIXED)
    .targets(queries.map((query, place) => rangeQuery(query, place).datasource(query.datasource)));
}

/** The present value of a few series. */
export function stat(text: PanelText, queries: readonly Query[]): StatBuilder {
  const panel = new StatBuilder()
    .graphMode(BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  return dressed(panel, text).targets(queries.map((query, place) => rangeQuery(query, place)));
}

/** The present values of many series, a row each, a column for each label. */
export function table(text: PanelText, query: Query): TableBuilder {
  return dressed(new TableBuilder(), text).withTarget(dataquery(query, 0).instant().format(PromQueryFormat.Table));
}

/** Counts of buckets over time, a query for each, lowest first. */
export function buckets(text: PanelText, queries: readonly Query[]): HeatmapBuilder {
  return dressed(new HeatmapBuilder().calculate(false), text).targets(
    queries.map((query, place) => rangeQuery(query, place)),
  );
}

/** A line at a value, and everything over it marked red. */
export function alarmOver<Panel extends TimeseriesBuilder>(panel: Panel, value: number): Panel {
  return panel
    .thresholds(steps(value))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.DashedAndArea));
}

/** Green, and red from a value on. */
export function steps(red: number): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: 'green' },
    { value: red, color: 'red' },
  ]);
}

/** How one line of a graph is drawn: its color, and whatever else a graph can say of a line. */
export function drawn(color: string, config: GraphFieldConfig = {}): DynamicConfigValue[] {
  const fixed = new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color).build();
  const properties = Object.entries(config).map(([key, value]) => ({ id: `custom.${key}`, value }));
  return [{ id: 'color', value: fixed }, ...properties];
}

function dressed<Panel extends TimeseriesBuilder | StatBuilder | TableBuilder | HeatmapBuilder>(
  panel: Panel,
  { title, description, unit = 'short', width, height = 8 }: PanelText,
): Panel {
  panel.title(title).description(description).unit(unit).datasource(DATASOURCE).span(width).height(height);
  return panel;
}

function rangeQuery(query: Query, place: number): DataqueryBuilder {
  return dataquery(query, place).range();
}

function dataquery({ expr, legend }: Query, place: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(String.fromCharCode(65 + place))
    .expr(expr)
    .legendFormat(legend);
}
