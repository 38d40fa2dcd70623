import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

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
  new Gauge({
    name: 'sentio_build_info',
    help: 'Always 1; the labels say which build this is.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version, node_version: process.version }, 1);

  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: 'sentio_event_loop_lag_seconds',
    help: 'Delay of the event loop since the last scrape, by percentile.',
    labelNames: ['percentile'],
    registers: [registry],
    collect() {
      for (const percentile of [50, 99, 100]) this.set({ percentile }, delay.percentile(percentile) / 1e9);
      delay.reset();
    },
  });
  return registry;
}
