import { YHAT, YHAT_LOWER, YHAT_UPPER } from './synthetic.js';

/** Units as Prometheus and OpenMetrics write them at the end of a name (prometheus.io/docs/practices/naming). */
const UNIT = /_(seconds|milliseconds|bytes|bits|percent|ratio|celsius|meters|hertz|volts|amperes|watts|joules|grams)$/;

/**
 * The unit of a series that Sentio publishes, `''` where it has none: a forecast has that of its source, by whose name it is
 * known. A score has none, and neither has a rate: what its source counts is there a second.
 */
export function publishedUnit(name: string): string {
  const suffix = [YHAT, YHAT_LOWER, YHAT_UPPER].find((text) => name.endsWith(text));
  return (suffix && UNIT.exec(name.slice(0, -suffix.length))?.[1]) ?? '';
}
