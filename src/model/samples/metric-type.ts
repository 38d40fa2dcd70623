/** Metric types as both versions of remote-write number them (MetricMetadata.MetricType; io.prometheus.write.v2 Metadata). */
export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const;

export type MetricType = (typeof METRIC_TYPES)[number];
