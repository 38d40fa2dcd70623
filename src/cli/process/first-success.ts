import type { Logger } from 'pino';
import type { Unmatched } from '../../model/settings/unmatched.js';

const LOOK_EVERY_MS = 1_000;
/** The series of one Prometheus come within a scrape interval or two. */
const SETTLE_MS = 30_000;

/** What is known of a start so far. */
export interface Progress {
  readonly tracked: number;
  readonly unmatched: Unmatched;
  readonly withForecast: number;
  /** Whether a target has accepted forecasts; undefined where there are no targets. */
  readonly isWritten: boolean | undefined;
}

export interface FirstSuccessOptions {
  readonly progress: () => Progress;
  /** Where a browser finds the page. */
  readonly page: string;
  readonly log: Logger;
  readonly now: () => number;
}

/** Logs, once each after a start, that series arrive of which no rule matches any, and that the first forecasts are made and written. */
export class FirstSuccess {
  readonly #options: FirstSuccessOptions;
  #timer: ReturnType<typeof setTimeout>;
  #arrivedMs: number | undefined;
  #hasWarned = false;

  constructor(options: FirstSuccessOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (!this.#isDone()) this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Logs what is new; returns whether nothing is left to report. */
  #isDone(): boolean {
    const { progress, page, log, now } = this.#options;
    const { tracked, unmatched, withForecast, isWritten } = progress();
    if (tracked + unmatched.series === 0) return false;
    this.#arrivedMs ??= now();
    if (tracked === 0) {
      if (!this.#hasWarned && now() - this.#arrivedMs >= SETTLE_MS) {
        this.#hasWarned = true;
        log.warn({ series: unmatched.series, ...typo(unmatched) }, unmatchedText(unmatched));
      }
      return false;
    }
    if (withForecast === 0 || isWritten === false) return false;
    const what = isWritten === undefined ? 'first forecasts are made' : 'first forecasts are written';
    log.info({ series: tracked, ignored: unmatched.series, withForecast, page }, what);
    return true;
  }
}

function typo({ nearMiss }: Unmatched): object {
  return nearMiss === undefined ? {} : { rule: nearMiss.rule };
}

/** `515 series arrive, none matches a rule; nearest name "up" (rule "default" asks for "upp")`. */
function unmatchedText({ series, nearMiss }: Unmatched): string {
  const text = `${series} series arrive, none matches a rule`;
  if (nearMiss === undefined) return text;
  const { rule, label, wanted, found } = nearMiss;
  const what = label === '__name__' ? 'name' : label;
  return `${text}; nearest ${what} ${JSON.stringify(found)} (rule ${JSON.stringify(rule)} asks for ${JSON.stringify(wanted)})`;
}
