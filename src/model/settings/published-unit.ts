import { TIME_TO_LIMIT, TIME_TO_LIMIT_EARLIEST, YHAT, YHAT_LOWER, YHAT_UPPER } from './synthetic.js';

/** Units as Prometheus and OpenMetrics write them at the end of a name (prometheus.io/docs/practices/naming). */
const UNIT = /_(seconds|milliseconds|bytes|bits|percent|ratio|celsius|meters|hertz|volts|amperes|watts|joules|grams)$/;

/**
 * The unit of a published series, `''` where it has none. A forecast has the unit that the name of its source ends with;
 * scores have none, nor have rates, which are per second.
 */
export function publishedUnit(name: string): string {
  if (name.endsWith(TIME_TO_LIMIT) || name.endsWith(TIME_TO_LIMIT_EARLIEST)) return 'seconds';
  const suffix = [YHAT, YHAT_LOWER, YHAT_UPPER].find((text) => name.endsWith(text));
  return (suffix && UNIT.exec(name.slice(0, -suffix.length))?.[1]) ?? '';
}
