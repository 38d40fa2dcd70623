import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ThrottledLog } from '../../lib/throttled-log.js';
import type { QuerySourceSettings } from '../../model/settings/endpoint.js';
import type { Rule } from '../../model/settings/settings.js';
import type { RangeQueries } from '../../remote/read/range-queries.js';
import type { SeriesStore } from '../../series/series-store.js';
import { PolledQuery, type QueryRule } from './polled-query.js';
import { PollingMetrics } from './polling-metrics.js';
import { SourcePoller } from './source-poller.js';

const WARN_INTERVAL_MS = 60_000;

export interface QueryPollerOptions {
  readonly sources: readonly QuerySourceSettings[];
  readonly connect: (source: QuerySourceSettings) => Pick<RangeQueries, 'ask' | 'close'>;
  readonly store: SeriesStore;
  /** Called with the rule of a query whenever it has caught up with the present after more than one evaluation. */
  readonly onCaughtUp: (rule: Rule) => void;
  readonly log: Logger;
  readonly now: () => number;
  readonly registry: Registry;
}

/**
 * Has the expressions of the configuration evaluated by their sources at every step, and takes the results in as series. At
 * first it reads the history of each, and after a failure what was missed.
 */
export class QueryPoller {
  readonly #options: QueryPollerOptions;
  readonly #pollers: ReadonlyMap<string, SourcePoller>;
  #queries: readonly PolledQuery[] = [];

  constructor(options: QueryPollerOptions) {
    const { sources, log, now, registry } = options;
    this.#options = options;
    const metrics = new PollingMetrics(registry, { queries: () => this.#queries, now });
    const failing = new Set<string>();
    const warnings = new Map<string, ThrottledLog>();
    const warningsOf = (name: string) => {
      const known = warnings.get(name) ?? new ThrottledLog(log, WARN_INTERVAL_MS, now);
      warnings.set(name, known);
      return known;
    };
    this.#pollers = new Map(
      sources.map((source) => [
        source.name,
        new SourcePoller(source, {
          ...options,
          onOutcome: ({ rule: { name } }, outcome, error) => {
            metrics.count(outcome);
            const which = { query: name, source: source.name };
            if (outcome === 'success' && failing.delete(name)) log.info(which, 'a query works again');
            if (error === undefined) return;
            const advice = error.remedy === undefined ? {} : { remedy: error.remedy };
            const isLogged = warningsOf(name).warn(
              { ...which, reason: error.message, ...advice },
              'a query failed: it is retried, and what it missed is read then',
            );
            if (isLogged) failing.add(name);
          },
        }),
      ]),
    );
  }

  /** Polls the queries of these rules from now on; those that are the same go on where they are. */
  setRules(rules: readonly Rule[]): void {
    const known = new Map(this.#queries.map((query) => [query.rule.name, query]));
    let newestMs: ReadonlyMap<string, number> | undefined;
    this.#queries = rules.filter(hasQuery).map((rule) => {
      const query = known.get(rule.name);
      if (query !== undefined && isDeepStrictEqual(query.rule, rule)) return query;
      if (query !== undefined && query.rule.query.expression !== rule.query.expression) {
        this.#options.log.warn(
          { query: rule.name },
          'the expression of a query changed: what its series have learnt is from the former one',
        );
      }
      newestMs ??= this.#newestMs();
      const fromMs = (newestMs.get(rule.name) ?? Number.NEGATIVE_INFINITY) + 1;
      return new PolledQuery(rule, fromMs, this.#pollers.get(rule.query.source)!.windowMs);
    });
    for (const [name, poller] of this.#pollers) {
      poller.setQueries(this.#queries.filter(({ rule }) => rule.query.source === name));
    }
  }

  stop(): void {
    for (const poller of this.#pollers.values()) poller.stop();
  }

  /** By rule, the newest timestamp of which anything is known. All rules in one walk: there may be thousands of each. */
  #newestMs(): ReadonlyMap<string, number> {
    const { store } = this.#options;
    const newestMs = new Map<string, number>();
    for (const id of store.ids()) {
      const { name } = store.rule(id);
      const sampleMs = store.newestSampleMs(id);
      if (sampleMs > (newestMs.get(name) ?? Number.NEGATIVE_INFINITY)) newestMs.set(name, sampleMs);
    }
    return newestMs;
  }
}

function hasQuery(rule: Rule): rule is QueryRule {
  return rule.query !== undefined;
}
