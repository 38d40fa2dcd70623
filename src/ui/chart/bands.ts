import uPlot from 'uplot';
import type { ForecastSeriesJson } from '../../http/api/json/forecast.js';
import type { Colors } from './colors.js';
import { exclusionName } from './exclusion-name.js';

/** A span of time that is unlike others: excluded, or a special day. In Unix seconds, without its end. */
export interface Band {
  readonly start: number;
  readonly end: number;
  readonly kind: 'excluded' | 'special';
  /** Why: `maintenance: disk swap`, `expected as a Sunday: German Unity Day`. */
  readonly text: string;
}

/** However short a time was, it is seen. */
const MIN_PX = 2;
/** A label with less room than this says nothing. */
const MIN_LABEL_PX = 30;
/** Lower plots have no labels. */
const MIN_LABELLED_PX = 150;
const MARGIN_PX = 4;

/** The bands of a curve, special days first: what is excluded of one lies over it. */
export function bandsOf({
  excluded_times: excluded,
  special_days: days,
}: Pick<ForecastSeriesJson, 'excluded_times' | 'special_days'>): Band[] {
  return [
    ...days.map(({ start, end, text }): Band => ({ start, end, kind: 'special', text })),
    ...excluded.map(
      ({ start, end, kind, reason }): Band => ({ start, end, kind: 'excluded', text: exclusionName(kind, reason) }),
    ),
  ];
}

/** The bands that a time is in. */
export function bandsAt(bands: readonly Band[], time: number): Band[] {
  return bands.filter(({ start, end }) => time >= start && time < end);
}

/** Shades the bands behind all that is drawn, with what they are where there is room for it. */
export function shadeBands(plot: uPlot, bands: readonly Band[], { excluded, special, dim }: Colors): void {
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  const bottom = bbox.top + bbox.height;
  const px = uPlot.pxRatio;
  for (const { start, end, kind, text } of bands) {
    const from = Math.max(bbox.left, plot.valToPos(start, 'x', true));
    const to = Math.min(right, Math.max(plot.valToPos(end, 'x', true), from + MIN_PX * px));
    if (from >= to) continue;
    ctx.fillStyle = kind === 'excluded' ? excluded : special;
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    if (to - from < MIN_LABEL_PX * px || bbox.height < MIN_LABELLED_PX * px) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, bbox.top, to - from - MARGIN_PX * px, bbox.height);
    ctx.clip();
    ctx.fillStyle = dim;
    ctx.font = `${11 * px}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'bottom';
    // One of either kind at a time are told apart by their height.
    ctx.fillText(text, from + MARGIN_PX * px, bottom - (kind === 'excluded' ? 2 : 16) * px);
    ctx.restore();
  }
}
