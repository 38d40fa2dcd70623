/*
 * Prometheus ends a series with a "stale marker": a NaN with this payload
 * (prometheus/prometheus model/value/value.go, StaleNaN). JavaScript may rewrite the payload of a NaN once it becomes a
 * number, so the marker is only ever recognised and written as bytes.
 */
export const STALE_NAN_HIGH = 0x7ff00000;
export const STALE_NAN_LOW = 0x00000002;

/** PromQL's lookback: a series without a sample for this long has no value any more. */
export const LOOKBACK_MS = 5 * 60_000;
