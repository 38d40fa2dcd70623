import type { SeriesAnswer } from '../../http/api/json/series.js';
import type { Client } from '../lib/client.js';
import { Poller } from '../lib/poller.js';
import type { View } from '../lib/view.js';
import type { SeriesList } from './series-list.js';

const INTERVAL_MS = 5_000;
/** Rows asked for at first; twice as many, and again, as the list is scrolled towards its end. */
const FIRST_ROWS = 100;
const MAX_ROWS = 10_000;
/** Rows that are to be there beyond those in sight. */
const ROWS_AHEAD = 50;

export interface ListFeedOptions {
  readonly client: Client;
  readonly list: SeriesList;
  readonly view: () => View;
  readonly answered: (answer: SeriesAnswer) => void;
  readonly failed: (error: Error, retryInMs: number) => void;
}

/** Asks for the series of the list, as many as are visible need, so that a thousand are not sent for the first few. */
export class ListFeed {
  readonly #list: SeriesList;
  readonly #poller: Poller<SeriesAnswer>;
  #rowsAsked = 0;
  #sparklinesAsked = '';

  constructor({ client, list, view, answered, failed }: ListFeedOptions) {
    this.#list = list;
    this.#poller = new Poller({
      ask: (signal) => {
        this.#rowsAsked = this.#rowLimit;
        this.#sparklinesAsked = list.sparklineRows;
        return client.series(view(), { limit: this.#rowsAsked, sparklines: this.#sparklinesAsked }, signal);
      },
      answered,
      failed,
      intervalMs: () => INTERVAL_MS,
    });
  }

  askNow(): void {
    this.#poller.askNow();
  }

  /** Asks at once where more rows, or other sparklines, came into sight than are on their way. */
  wantMore(): void {
    if (this.#rowsAsked < this.#rowLimit || this.#list.sparklineRows !== this.#sparklinesAsked) this.askNow();
  }

  get #rowLimit(): number {
    let limit = FIRST_ROWS;
    while (limit < this.#list.rowsInSight + ROWS_AHEAD) limit *= 2;
    return Math.min(limit, MAX_ROWS);
  }
}
