import { Gauge, type Registry } from 'prom-client';
import { coverageRatio } from '../../detect/interval-coverage.js';
import type { Rule } from '../../model/settings.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/**
 * Defines how often the intervals hold, per rule: `sentio_interval_coverage_ratio`, and beside it what was meant,
 * `sentio_interval_nominal_ratio`. Both are put together when they are scraped, from the counts of the series there are: so they
 * outlive reloads and restarts, and no step pays for them. A rule has no coverage while it has too few steps.
 */
export function registerCoverageMetrics(
  registry: Registry,
  series: () => Iterable<TrackedSeries>,
  ruleOf: (series: TrackedSeries) => Rule,
): void {
  const registers = [registry];
  const labelNames = ['rule'];
  new Gauge({
    name: 'sentio_interval_coverage_ratio',
    help: 'Share of steps within the interval as it stood before they began, alarms included; what was a day ago counts half.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const [{ name: rule }, { within, steps }] of countByRule(series(), ruleOf)) {
        const ratio = coverageRatio(within, steps);
        if (!Number.isNaN(ratio)) this.set({ rule }, ratio);
      }
    },
  });
  new Gauge({
    name: 'sentio_interval_nominal_ratio',
    help: 'Share of steps that the interval is meant to hold: interval_width.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { name: rule, settings } of countByRule(series(), ruleOf).keys()) {
        this.set({ rule }, settings.prophet.intervalWidth);
      }
    },
  });
}

/** The counts of all series of each rule that has some. */
function countByRule(all: Iterable<TrackedSeries>, ruleOf: (series: TrackedSeries) => Rule) {
  const counts = new Map<Rule, { within: number; steps: number }>();
  for (const series of all) {
    const rule = ruleOf(series);
    const count = counts.get(rule) ?? { within: 0, steps: 0 };
    counts.set(rule, count);
    const { coverage } = series;
    if (!coverage.isOf(rule.settings.prophet.intervalWidth)) continue;
    count.within += coverage.within;
    count.steps += coverage.steps;
  }
  return counts;
}
