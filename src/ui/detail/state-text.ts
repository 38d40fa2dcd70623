import type { SeriesJson } from '../../http/api/json/series.js';
import { sideOfInterval } from '../lib/interval-side.js';
import { localDayTime } from '../lib/times.js';

/** How a series is, in a few words: whether it is in alarm and, if not, whether its value is inside its interval. */
export function stateText(series: Pick<SeriesJson, 'state' | 'alarm' | 'last' | 'calming_since'>): string {
  const { state, alarm, last, calming_since: calming } = series;
  if (state !== 'forecasting') return state;
  if (alarm !== undefined) return `in alarm: ${alarm.kind}`;
  if (last.anomaly_score === null) return 'no value now';
  const side = sideOfInterval(last);
  const where = side === undefined ? 'inside its interval' : `${side} its interval, no alarm`;
  return calming === undefined ? where : `${where}; calming down since ${localDayTime(calming).slice(0, -3)}`;
}
