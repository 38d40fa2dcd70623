import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import { nearestIndex } from './chart-data.js';

/** What of a curve is pointed at. */
export interface Pointed {
  /** Of the observed value; where none is near, the second that is pointed at. */
  readonly time: number;
  /** Of the observed value, if there is one. */
  readonly index: number | undefined;
}

type Curve = Pick<ForecastSeriesJson, 'observed' | 'step' | 'resolution'>;

/** Within `reach` seconds of `time` the alarm with the highest score, because that is what people point at; else the nearest step. */
export function pointedAt({ observed, step, resolution }: Curve, time: number, reach: number): Pointed {
  const { times, anomaly_score: scores } = observed;
  let index = nearestIndex(times, time);
  for (let i = nearestIndex(times, time - reach); i >= 0 && i < times.length && times[i]! <= time + reach; i++) {
    if (times[i]! >= time - reach && (scores[i] ?? 0) > Math.max(1, scores[index] ?? 0)) index = i;
  }
  const isNear = index >= 0 && Math.abs(times[index]! - time) <= Math.max(step, resolution);
  return isNear ? { time: times[index]!, index } : { time: Math.round(time), index: undefined };
}

/** Index of the value `stride` further in a direction (1 or −1), or of the worst alarm that would be passed on the way. */
export function nextIndex(scores: readonly (number | null)[], from: number, direction: number, stride: number): number {
  const to = Math.max(0, Math.min(scores.length - 1, from + direction * stride));
  let next = to;
  for (let i = to; i !== from; i -= direction) {
    if ((scores[i] ?? 0) > Math.max(1, scores[next] ?? 0)) next = i;
  }
  return next;
}
