import type { Registry } from 'prom-client';
import { coverageRatio } from '../../detect/interval/interval-coverage.js';
import { gaugeFuncBy } from '../../lib/metrics/metrics.js';
import type { Rule } from '../../model/settings/settings.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/**
 * Defines how often the intervals hold, per rule, `sentio_interval_coverage_ratio`, and how often they should,
 * `sentio_interval_nominal_ratio`. Both are computed at the scrape from the counts of the present series, so they outlive
 * reloads and restarts and cost no step anything. A rule has no coverage while it has too few steps.
 */
export function registerCoverageMetrics(
  registry: Registry,
  series: () => Iterable<TrackedSeries>,
  ruleOf: (series: TrackedSeries) => Rule,
): void {
  gaugeFuncBy(
    registry,
    'sentio_interval_coverage_ratio',
    'Share of steps within the interval that was published for them, anomalies included; a step of a day ago counts half.',
    'rule',
    () => {
      const ratios = [...countByRule(series(), ruleOf)].map(
        ([{ name }, { within, steps }]) => [name, coverageRatio(within, steps)] as const,
      );
      return Object.fromEntries(ratios.filter(([, ratio]) => !Number.isNaN(ratio)));
    },
  );
  gaugeFuncBy(
    registry,
    'sentio_interval_nominal_ratio',
    'Share of steps that the interval should hold (interval_width).',
    'rule',
    () => {
      const rules = countByRule(series(), ruleOf).keys();
      return Object.fromEntries([...rules].map(({ name, settings }) => [name, settings.prophet.intervalWidth]));
    },
  );
}

/** Sums the counts of all series by rule. */
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
