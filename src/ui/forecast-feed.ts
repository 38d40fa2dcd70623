import type { ForecastSeriesJson } from '../http/api/json/forecast.js';
import type { SeriesJson } from '../http/api/json/series.js';
import type { TimeRange } from './chart/chart.js';
import { forecastIntervalMs, pointsFor, resolveRange, type SeriesPace } from './chart/forecast-request.js';
import type { Detail } from './detail/detail.js';
import { type Client, problemText, Unreachable } from './lib/client.js';
import { Poller } from './lib/poller.js';
import { seriesText } from './lib/promql.js';
import type { View } from './lib/view.js';

export interface ForecastFeedOptions {
  readonly client: Client;
  readonly detail: Detail;
  /** What the page shows now, and the series of it, if any. */
  readonly view: () => View;
  readonly series: () => string | undefined;
  /** What the list knows of a series. */
  readonly row: (series: string) => SeriesJson | undefined;
  /** The series that was asked for by a selector, or with its labels in another order, is this one. */
  readonly identified: (series: string) => void;
  /** The server does not know the series that was asked for. */
  readonly gone: () => void;
}

/** Asks for the forecast of the series that is shown, again and again, and has it drawn. */
export class ForecastFeed {
  readonly #options: ForecastFeedOptions;
  readonly #poller: Poller<AnsweredForecast>;
  #forecast: ForecastSeriesJson | undefined;

  constructor(options: ForecastFeedOptions) {
    this.#options = options;
    this.#poller = new Poller({
      ask: (signal) => this.#fetch(signal),
      answered: (answer) => this.#show(answer),
      failed: (error) => this.#failed(error),
      intervalMs: () => forecastIntervalMs(resolveRange(options.view().range, this.pace, options.client.now())),
    });
  }

  /** Whether there is anything to be seen. */
  get isEmpty(): boolean {
    return this.#forecast === undefined;
  }

  /** What was answered of a series, where it is the one whose forecast is drawn. */
  known(series: string): SeriesJson | undefined {
    return this.isOf(series) ? this.#forecast : undefined;
  }

  /** Whether it is this series whose forecast is drawn. */
  isOf(series: string): boolean {
    return this.#forecast !== undefined && seriesText(this.#forecast.metric) === series;
  }

  /** Asks at once, or stops where no series is shown. */
  ask(): void {
    if (this.#options.series() === undefined) this.stop();
    else {
      this.#options.detail.element.dataset.loading = '';
      this.#poller.askNow();
    }
  }

  stop(): void {
    this.#poller.stop();
  }

  /** Step and horizon of the series that is shown, as far as they are known. */
  get pace(): SeriesPace {
    const series = this.#options.series() ?? '';
    if (this.#forecast !== undefined && this.isOf(series)) return this.#forecast;
    return { step: this.#options.row(series)?.step ?? 1, horizon: Number.POSITIVE_INFINITY };
  }

  async #fetch(signal: AbortSignal): Promise<AnsweredForecast> {
    const { client, detail, view } = this.#options;
    const series = this.#options.series()!;
    const { pace } = this;
    const now = client.now();
    const { components, range } = view();
    const asked = resolveRange(range, pace, now);
    const points = pointsFor(asked, pace, detail.element.clientWidth);
    return { series, forecast: await client.forecast({ series, ...points, components }, signal), asked, now };
  }

  #show({ series, forecast, asked, now }: AnsweredForecast): void {
    const { detail, view, identified, gone } = this.#options;
    delete detail.element.dataset.loading;
    this.#forecast = forecast;
    if (forecast === undefined) {
      detail.showMessage(`Sentio does not know ${series}, or not any more.`);
      gone();
      return;
    }
    if (!this.isOf(series) && this.#options.series() === series) identified(seriesText(forecast.metric));
    const { range, components } = view();
    const shown = resolveRange(range, forecast, now);
    detail.show(forecast, { range, shown, components }, now);
    // The range was chosen before the step of the series, and when it began, were known.
    if (shown.start !== asked.start) this.ask();
  }

  #failed(error: Error): void {
    const { detail } = this.#options;
    delete detail.element.dataset.loading;
    // The list says it where nobody answers.
    if (error instanceof Unreachable) return;
    detail.showProblem(problemText(error));
  }
}

/** A forecast series with what was asked for; undefined where there is no such series. */
interface AnsweredForecast {
  readonly series: string;
  readonly forecast: ForecastSeriesJson | undefined;
  readonly asked: TimeRange;
  readonly now: number;
}
