import { DAY, HOUR } from '../fixtures.js';

/** How far back the history of every rule reaches. */
export const HISTORY_MS = 2 * DAY;

/** What of the configuration changes between one reload and the next. */
export interface Variation {
  /** Rules have one horizon more. */
  readonly hasHorizon: boolean;
  /** How many of the targets are there. */
  readonly targets: number;
  /** The file has a mistake. */
  readonly isBroken: boolean;
  /** Every series is fitted anew when it changes. */
  readonly changepoints: number;
}

export const FIRST_VARIATION: Variation = {
  hasHorizon: false,
  targets: 2,
  isBroken: false,
  changepoints: 25,
};

export const TARGETS = ['http://first', 'http://second'] as const;
/** A store that is written the future too. */
export const FUTURE_TARGET = 'http://future';
export const FUTURE_MS = 3 * HOUR;
export const DATABASE = 'http://database';

/** The configuration file: three rules of other steps, two targets and one of the future, if `hasFuture`, a database. */
export function configuration(
  { hasHorizon, targets, isBroken, changepoints }: Variation,
  { hasFuture }: { hasFuture: boolean },
): string {
  const written = TARGETS.slice(0, targets).map(
    (origin, i) => `{url: ${origin}/api/v1/write, queue_config: {max_samples_per_send: ${[20, 500][i]}}}`,
  );
  // Its path is that of no Prometheus.
  if (hasFuture && targets > 0) written.push(`{url: ${FUTURE_TARGET}/write, future: 3h}`);
  const rule = `horizons: [${hasHorizon ? '1h, 2h' : '1h'}], prophet: {n_changepoints: ${changepoints}}`;
  return `
engine: {snapshot_interval: 7m, fit_threads: 1}
remote_write: [${written.join(', ')}]
remote_read: [{url: ${DATABASE}/api/v1/read, max_series_per_request: 3, window: 12h}]
defaults: {history: 2d, resolution: 20m, refit_interval: 6h}
rules:
  - {name: minutes, match: [load, queue, capacity, comes, goes], step: 4m, ${rule}}
  - {name: counters, match: [requests_total], step: 10m, ${rule}}
  - {name: maxima, match: [latency_max], step: 4m, aggregate: max, ${rule}}
${isBroken ? 'rulez: []' : ''}
`;
}
