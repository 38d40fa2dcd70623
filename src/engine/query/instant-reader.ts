import type { Label, Labels } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import { metricNameOf, withName } from '../../model/labels/metric-name.js';
import type { Forecast } from '../../model/samples/columns.js';
import {
  ANOMALY_SCORE,
  FORECAST_LABEL,
  FORECAST_VALUE,
  quantitySuffix,
  YHAT,
  YHAT_LOWER,
  YHAT_UPPER,
} from '../../model/settings/synthetic.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { Exclusions } from '../exclusions/exclusions.js';
import { countUntil } from '../expectation/expectation.js';
import { hasLimits } from '../limits/limits.js';
import { hasEnded, isElsewhere } from '../series/presence-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { ForecastSelector } from './forecast-selector.js';
import { type ObservedAt, observedAt } from './observed-at.js';
import { PiecewiseGrid } from './piecewise-forecast.js';
import type { ReadBudget } from './read-budget.js';
import { distanceScores, publishedScore } from './series-report.js';

/** One series with its value at each of the times that were asked for; NaN where it has none. */
export interface SeriesAtTimes {
  readonly labels: Labels;
  readonly values: Float64Array;
}

/** What is served of a tracked series: its steps, their scores, and the three series of its forecast. */
type Part = 'observed' | 'score' | 'yhat' | 'yhatLower' | 'yhatUpper';

const MARK: Label = { name: FORECAST_LABEL, value: FORECAST_VALUE };
const SUFFIXES: readonly (readonly [Exclude<Part, 'observed'>, string])[] = [
  ['score', ANOMALY_SCORE],
  ['yhat', YHAT],
  ['yhatLower', YHAT_LOWER],
  ['yhatUpper', YHAT_UPPER],
];

/** A tracked series of which something is asked for. */
interface Selected {
  readonly series: TrackedSeries;
  readonly parts: readonly { readonly part: Part; readonly labels: Labels }[];
}

/** What one request may take. */
export interface ReadingLimits {
  readonly budget: ReadBudget;
  /** Awaited between small pieces of work; throws where the request is to end. */
  readonly pause: () => Promise<void>;
}

export interface InstantReaderOptions {
  readonly store: SeriesStore;
  readonly exclusions: Exclusions;
  readonly externalLabels: readonly string[];
  /** See `isElsewhere`; 0 where there is no other Sentio. */
  readonly ownershipGraceMs: number;
  readonly now: () => number;
  readonly tracked: () => Iterable<TrackedSeries>;
  readonly isTracked: (series: TrackedSeries) => boolean;
}

/**
 * The series that the query API serves, as PromQL sees them: `m` (or `m_rate_y`) as observed, `m_anomaly_score`, and
 * `m_yhat{sentio="forecast"}` with the edges of its interval. Computed when asked for; nothing is stored.
 */
export class InstantReader {
  readonly #options: InstantReaderOptions;
  readonly #externalLabels: ReadonlySet<string>;

  constructor(options: InstantReaderOptions) {
    this.#options = options;
    this.#externalLabels = new Set(options.externalLabels);
  }

  /**
   * Series that meet all matchers, each with its value at each of the ascending times: of what was observed the newest step
   * that had closed by then, no longer ago than `lookbackMs`. Throws `ReadLimitError` and `MatcherError`.
   */
  async read(
    matchers: readonly Matcher[],
    timesMs: Float64Array,
    lookbackMs: number,
    limits: ReadingLimits,
  ): Promise<SeriesAtTimes[]> {
    const selected = await this.#select(matchers, limits);
    const grids = new Map<number, PiecewiseGrid>();
    const answer: SeriesAtTimes[] = [];
    for (const { series, parts } of selected) {
      await limits.pause();
      // It may have gone in the pause.
      if (!this.#options.isTracked(series)) continue;
      for (const _ of parts) limits.budget.takeSamples(timesMs.length);
      const wanted = parts.map(({ part }) => part);
      const forecast = wanted.every(isObserved)
        ? undefined
        : await this.#forecastAt(series, timesMs, grids, limits.pause);
      if (!this.#options.isTracked(series)) continue;
      const values = this.#valuesOf(series, wanted, timesMs, lookbackMs, forecast);
      for (const { part, labels } of parts) answer.push({ labels, values: values(part) });
    }
    return answer;
  }

  /** Visits the labels of every series that meets all matchers, in no order. Throws `MatcherError`. */
  async visit(
    matchers: readonly Matcher[],
    { pause }: Pick<ReadingLimits, 'pause'>,
    visit: (labels: Labels) => void,
  ): Promise<void> {
    for await (const { parts } of this.#matching(matchers, pause)) for (const { labels } of parts) visit(labels);
  }

  async #select(matchers: readonly Matcher[], { budget, pause }: ReadingLimits): Promise<Selected[]> {
    const selected: Selected[] = [];
    for await (const one of this.#matching(matchers, pause)) {
      for (const _ of one.parts) budget.takeSeries();
      selected.push(one);
    }
    return selected;
  }

  async *#matching(matchers: readonly Matcher[], pause: ReadingLimits['pause']): AsyncGenerator<Selected> {
    const { store, tracked, isTracked } = this.#options;
    const plain = new ForecastSelector(matchers, this.#externalLabels, []);
    const forecast = new ForecastSelector(matchers, this.#externalLabels, [MARK]);
    for (const series of tracked()) {
      await pause();
      // It may have gone in the pause.
      if (!isTracked(series)) continue;
      const named = this.#named(series).filter(({ name }) => plain.acceptsName(name));
      if (named.length === 0 || this.#isElsewhere(series)) continue;
      const source = store.labels(series.id);
      // What is observed has one set of labels, what is forecast another, each under several names.
      const labelsBy = new Map<ForecastSelector, Labels | undefined>();
      const parts = named.flatMap(({ part, name }) => {
        const selector = isObserved(part) ? plain : forecast;
        if (!labelsBy.has(selector)) {
          labelsBy.set(
            selector,
            selector.labelsOf(source, () => store.sentLabels(series.id)),
          );
        }
        const labels = labelsBy.get(selector);
        return labels === undefined ? [] : [{ part, labels: withName(labels, name) }];
      });
      if (parts.length > 0) yield { series, parts };
    }
  }

  /** What there is of a series, and under which names. */
  #named(series: TrackedSeries): { part: Part; name: string }[] {
    const { store } = this.#options;
    const { id, model } = series;
    const aggregate = store.aggregate(id);
    const metric = metricNameOf(store.block(id));
    const observed = { part: 'observed' as const, name: metric + store.observedSuffix(id) };
    const quantity = metric + quantitySuffix(aggregate);
    if (model === undefined) {
      return hasLimits(store, series) ? [observed, { part: 'score', name: quantity + ANOMALY_SCORE }] : [observed];
    }
    return [observed, ...SUFFIXES.map(([part, suffix]) => ({ part, name: quantity + suffix }))];
  }

  /** The Sentio that has the series now serves its past too: values of two models would be mixed. */
  #isElsewhere({ id }: TrackedSeries): boolean {
    const { store, now, ownershipGraceMs } = this.#options;
    return isElsewhere(store.endedAtMs(id), store.heardMs(id), now(), ownershipGraceMs);
  }

  /** Looks up once what the parts need beside the forecast, and returns the values of each. */
  #valuesOf(
    series: TrackedSeries,
    parts: readonly Part[],
    timesMs: Float64Array,
    lookbackMs: number,
    forecast: Forecast | undefined,
  ): (part: Part) => Float64Array {
    const { store } = this.#options;
    const observed = parts.some(isObserved) ? observedAt(store, series.id, timesMs, lookbackMs) : undefined;
    return (part) => {
      switch (part) {
        case 'observed':
          return atTimes(observed!, observed!.values);
        case 'score':
          return atTimes(observed!, scoresOf(this.#options, series, observed!));
        default:
          return padded(forecast![part], timesMs.length);
      }
    };
  }

  /** No further than the horizon, and of a source that has ended no further than the source; undefined where the series has gone. */
  #forecastAt(
    series: TrackedSeries,
    timesMs: Float64Array,
    grids: Map<number, PiecewiseGrid>,
    pause: ReadingLimits['pause'],
  ): Promise<Forecast | undefined> {
    const { store, now, isTracked } = this.#options;
    const { id } = series;
    const nowMs = now();
    const lastMs = hasEnded(store, series, nowMs) ? store.newestSampleMs(id) : nowMs + store.settings(id).horizonMs;
    const count = countUntil(timesMs, lastMs);
    const grid = grids.get(count) ?? new PiecewiseGrid(timesMs.slice(0, count));
    grids.set(count, grid);
    return grid.forecast(store, series, async () => {
      await pause();
      return isTracked(series);
    });
  }
}

function isObserved(part: Part): boolean {
  return part === 'observed' || part === 'score';
}

/**
 * As published where it is still known, else by the distance from what the present model expects, or NaN without a model;
 * one of each bucket.
 */
function scoresOf(
  { store, exclusions }: Pick<InstantReaderOptions, 'store' | 'exclusions'>,
  series: TrackedSeries,
  { midpointsMs, endsMs, values }: ObservedAt,
): Float64Array {
  const scores =
    series.model === undefined
      ? new Float64Array(values.length).fill(Number.NaN)
      : distanceScores(store, series, midpointsMs, values, exclusions);
  return scores.map((score, i) => publishedScore(series, endsMs[i]!) ?? score);
}

function atTimes({ bucketAt }: ObservedAt, values: Float64Array): Float64Array {
  return Float64Array.from(bucketAt, (bucket) => (bucket < 0 ? Number.NaN : values[bucket]!));
}

function padded(values: Float64Array, length: number): Float64Array {
  if (values.length === length) return values;
  const all = new Float64Array(length).fill(Number.NaN);
  all.set(values);
  return all;
}
