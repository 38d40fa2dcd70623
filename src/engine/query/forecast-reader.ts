import { TimeSlice } from '../../lib/time-slice.js';
import type { Matcher } from '../../model/labels/matcher.js';
import { metricNameOf } from '../../model/labels/metric-name.js';
import type { Forecast, Samples } from '../../model/samples/columns.js';
import { quantitySuffix, YHAT, YHAT_LOWER, YHAT_UPPER } from '../../model/settings/synthetic.js';
import type { SeriesStore } from '../../series/series-store.js';
import { hasEnded, isElsewhere } from '../series/presence-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { asksForForecasts, ForecastSelector } from './forecast-selector.js';
import { ForecastTimes } from './forecast-times.js';
import { type NamedBlock, NamedBlocks, nameOf } from './named-blocks.js';
import { PiecewiseGrid } from './piecewise-forecast.js';
import type { ReadBudget } from './read-budget.js';

/** A query for forecast series, as remote-read puts it; both ends inclusive. */
export interface ForecastQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
  readonly hints?: { readonly stepMs: number; readonly func: string };
}

/** One of the three forecast series of a source, `m_yhat{sentio="forecast"}` or an edge of its interval: label block and samples. */
export interface ForecastSeries {
  readonly block: Uint8Array;
  readonly samples: Samples;
}

const COLUMNS = [
  { suffix: YHAT, column: 'yhat' },
  { suffix: YHAT_LOWER, column: 'yhatLower' },
  { suffix: YHAT_UPPER, column: 'yhatUpper' },
] as const;

/** A forecast series that is asked for, before it is evaluated. */
interface Selected extends NamedBlock {
  readonly series: TrackedSeries;
  readonly times: ForecastTimes;
  readonly column: (typeof COLUMNS)[number]['column'];
}

/** Finds and evaluates the forecast series that remote-read asks for. Nothing is stored: they come from the models. */
export class ForecastReader {
  readonly #store: SeriesStore;
  readonly #now: () => number;
  readonly #externalLabels: ReadonlySet<string>;
  readonly #ownershipGraceMs: number;
  /** By the name of its forecast series without their suffix: matchers of names are tried once per name, not per series. */
  readonly #byName = new Map<string, Set<TrackedSeries>>();
  readonly #names = new Map<TrackedSeries, string>();

  /** `ownershipGraceMs`: see `isElsewhere`; 0, the default, where there is no other Sentio. */
  constructor(options: {
    store: SeriesStore;
    externalLabels: readonly string[];
    ownershipGraceMs?: number;
    now: () => number;
  }) {
    this.#store = options.store;
    this.#now = options.now;
    this.#externalLabels = new Set(options.externalLabels);
    this.#ownershipGraceMs = options.ownershipGraceMs ?? 0;
  }

  add(series: TrackedSeries): void {
    const { id } = series;
    const name = metricNameOf(this.#store.block(id)) + quantitySuffix(this.#store.aggregate(id));
    const members = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, members.add(series));
    this.#names.set(series, name);
  }

  remove(series: TrackedSeries): void {
    const name = this.#names.get(series) ?? '';
    const members = this.#byName.get(name);
    members?.delete(series);
    if (members?.size === 0) this.#byName.delete(name);
    this.#names.delete(series);
  }

  /**
   * The forecast series a query asks for, ordered by their labels, which are unique. What is computed is bounded first:
   * throws `ReadLimitError`, and `MatcherError` for an expression that is none.
   */
  async read(query: ForecastQuery, budget: ReadBudget): Promise<ForecastSeries[]> {
    if (!asksForForecasts(query.matchers)) return [];
    budget.checkTime();
    const slice = new TimeSlice();
    const pause = async () => {
      if (!slice.isOver) return;
      budget.checkTime();
      await slice.pause();
    };
    const selected = await this.#select(query, budget, slice);
    selected.sort((a, b) => Buffer.compare(a.sortKey, b.sortKey));
    const answer: ForecastSeries[] = [];
    const grids = new Map<string, PiecewiseGrid>();
    const forecasts = new Map<TrackedSeries, Forecast>();
    for (const { series, times, column, block } of selected) {
      // It may have been removed since it was selected.
      if (!this.#names.has(series)) continue;
      let forecast = forecasts.get(series);
      if (forecast === undefined) {
        // Series of one rule share their times.
        const grid = grids.get(times.key) ?? new PiecewiseGrid(times.toArray());
        grids.set(times.key, grid);
        forecast = await grid.forecast(this.#store, series, async () => {
          await pause();
          return this.#names.has(series);
        });
        if (forecast === undefined) continue;
        forecasts.set(series, forecast);
      }
      answer.push({ block, samples: { timesMs: forecast.timesMs, values: forecast[column] } });
      await pause();
    }
    return answer;
  }

  async #select(query: ForecastQuery, budget: ReadBudget, slice: TimeSlice): Promise<Selected[]> {
    const selector = new ForecastSelector(query.matchers, this.#externalLabels);
    const selected: Selected[] = [];
    for (const [name, members] of this.#byName) {
      if (slice.isOver) {
        budget.checkTime();
        await slice.pause();
      }
      const columns = COLUMNS.filter(({ suffix }) => selector.acceptsName(name + suffix)).map(({ suffix, column }) => ({
        column,
        encodedName: nameOf(name + suffix),
      }));
      if (columns.length === 0) continue;
      for (const series of members) {
        if (slice.isOver) {
          budget.checkTime();
          await slice.pause();
          // It may have been removed meanwhile, and the store no longer knows it.
          if (!members.has(series)) continue;
        }
        if (series.model === undefined || this.#isElsewhere(series)) continue;
        const labels = selector.labelsOf(this.#store.labels(series.id), () => this.#store.sentLabels(series.id));
        const times = this.#timesOf(series, query);
        if (labels === undefined || times.count === 0) continue;
        const blocks = new NamedBlocks(labels);
        for (const { column, encodedName } of columns) {
          budget.takeSeries();
          budget.takeSamples(times.count);
          const { block, sortKey } = blocks.under(encodedName);
          selected.push({ series, times, column, block, sortKey });
        }
      }
    }
    return selected;
  }

  /** The Sentio that has the series now serves its past too: forecasts of two models would be mixed. */
  #isElsewhere({ id }: TrackedSeries): boolean {
    const store = this.#store;
    return isElsewhere(store.endedAtMs(id), store.heardMs(id), this.#now(), this.#ownershipGraceMs);
  }

  /** A forecast series ends at the horizon, or where its source has ended. */
  #timesOf(series: TrackedSeries, { startMs, endMs, hints }: ForecastQuery): ForecastTimes {
    const store = this.#store;
    const nowMs = this.#now();
    const { id } = series;
    const { stepMs, horizonMs } = store.settings(id);
    const lastMs = hasEnded(store, series, nowMs) ? store.newestSampleMs(id) : nowMs + horizonMs;
    // A query for labels alone may ask for all of time.
    const isLabelsOnly = hints?.func === 'series';
    return new ForecastTimes({
      startMs: isLabelsOnly ? Math.min(endMs, lastMs) : Math.max(startMs, 0),
      endMs: isLabelsOnly ? Math.min(endMs, lastMs) : endMs,
      stepMs: hints !== undefined && hints.stepMs > 0 ? hints.stepMs : stepMs,
      lastMs,
    });
  }
}
