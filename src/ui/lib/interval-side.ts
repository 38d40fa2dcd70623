import type { SeriesJson } from '../../http/api/json/series.js';

type Values = Pick<SeriesJson['last'], 'value' | 'yhat_lower' | 'yhat_upper'>;

/** Where a value is outside of its interval; undefined where it is inside, or where one of the two is not known. */
export function sideOfInterval({ value, yhat_lower: lower, yhat_upper: upper }: Values): 'above' | 'below' | undefined {
  if (value === null || lower === null || upper === null) return undefined;
  if (value > upper) return 'above';
  return value < lower ? 'below' : undefined;
}
