import type { Logger } from 'pino';
import type { Gauge, Registry } from 'prom-client';
import type { Config } from '../config/config.js';
import { ConfigError, formatProblem } from '../config/document/problems.js';
import { reloaded } from '../config/reload.js';
import { withEvents } from '../config/rules/calendar-events.js';
import { configWarnings } from '../config/warnings.js';
import { CalendarFeeds, type CalendarFeedsOptions } from '../feeds/calendar-feeds.js';
import { gauge } from '../lib/metrics/metrics.js';

export interface LiveConfigOptions {
  readonly initial: Config;
  /** Reads the configuration again; throws or rejects with `ConfigError` if it is wrong. */
  readonly read: () => Config | Promise<Config>;
  /** Has the rules of `current` take effect, after the start or a change. */
  readonly applyRules: () => Promise<void>;
  /** Has the rest of it take effect, after a reload. */
  readonly applyOthers: () => void;
  readonly calendars: Omit<CalendarFeedsOptions, 'onChange'>;
  readonly log: Logger;
  readonly registry: Registry;
}

/** The configuration in effect: what was read last, with the present entries of its calendars in its rules. */
export class LiveConfig {
  readonly calendars: CalendarFeeds;
  readonly #options: LiveConfigOptions;
  readonly #reloadOk: Gauge;
  readonly #reloadTime: Gauge;
  #current: Config;
  #isClosing = false;
  /** One change of the rules after the other. */
  #changes: Promise<void> = Promise.resolve();

  constructor(options: LiveConfigOptions) {
    const { initial, registry } = options;
    this.#options = options;
    this.#current = initial;
    this.calendars = new CalendarFeeds(initial.icalSources, {
      ...options.calendars,
      onChange: () => this.#calendarsChanged(),
    });
    this.#reloadOk = gauge(
      registry,
      'sentio_config_last_reload_successful',
      'Whether the last configuration reload succeeded (1) or failed (0).',
    );
    this.#reloadTime = gauge(
      registry,
      'sentio_config_last_reload_success_timestamp_seconds',
      'Time of the last successful configuration load.',
    );
    this.#loaded();
  }

  get current(): Config {
    return this.#current;
  }

  /**
   * Reads the configuration again. Resolves when all of it is in effect, or nothing where it is closed meanwhile. Rejects with
   * `ConfigError`, and keeps the present configuration, if it is wrong.
   */
  reload(): Promise<void> {
    return this.#afterOthers(() => this.#reload());
  }

  async #reload(): Promise<void> {
    const { log, applyRules, applyOthers } = this.#options;
    const read = await this.#read();
    if (this.#isClosing) return;
    const { config, waiting } = reloaded(this.#current, read);
    for (const key of waiting) log.warn({ key }, 'change ignored until the next start');
    this.calendars.setSources(config.icalSources);
    this.#current = { ...config, rules: withEvents(config.rules, this.calendars.events) };
    await applyRules();
    if (this.#isClosing) return;
    applyOthers();
    this.#loaded();
  }

  async #read(): Promise<Config> {
    try {
      return await this.#options.read();
    } catch (error) {
      this.#reloadOk.set(0);
      const reason =
        error instanceof ConfigError
          ? { problems: error.problems.map((problem) => formatProblem(problem)) }
          : { err: error };
      this.#options.log.error(reason, 'reload failed: the previous configuration is kept');
      throw error;
    }
  }

  #calendarsChanged(): void {
    this.#current = { ...this.#current, rules: withEvents(this.#current.rules, this.calendars.events) };
    this.#afterOthers(this.#options.applyRules).catch((err) =>
      this.#options.log.error({ err }, 'applying the entries of a calendar failed'),
    );
  }

  #afterOthers(change: () => Promise<void>): Promise<void> {
    const changed = this.#changes.then(change);
    this.#changes = changed.catch(() => {});
    return changed;
  }

  #loaded(): void {
    for (const warning of configWarnings(this.#current)) this.#options.log.warn(warning);
    this.#reloadOk.set(1);
    this.#reloadTime.setToCurrentTime();
  }

  /** No change takes effect after this. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.calendars.close();
  }
}
