import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { gauge, gaugeFuncBy } from './metrics.js';

/**
 * The registry of Sentio's own metrics, with those of the process as a whole: build, event loop, memory, CPU. Each room
 * adds its own.
 */
export function createRegistry({ version }: { version: string }): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that are named like counters, which Prometheus' linter refuses; without the suffix they are there by type.
  for (const things of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${things}_total`);
  gauge(registry, 'sentio_build_info', 'Always 1; the labels name the versions of Sentio and Node.js.', [
    'version',
    'node_version',
  ]).set({ version, node_version: process.version }, 1);

  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  gaugeFuncBy(
    registry,
    'sentio_event_loop_lag_seconds',
    'Delay of the event loop since the last scrape, by percentile.',
    'percentile',
    () => {
      const lags = [50, 99, 100].map((percentile) => [percentile, delay.percentile(percentile) / 1e9]);
      delay.reset();
      return Object.fromEntries(lags);
    },
  );
  return registry;
}
