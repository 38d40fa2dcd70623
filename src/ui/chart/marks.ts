import uPlot from 'uplot';
import type { MarkerEventJson } from '../../http/api/json/markers.js';
import type { Colors } from './colors.js';

/** Lower plots have no names. */
const MIN_NAMED_PX = 150;
const MARGIN_PX = 4;
/** Below the word at the line of the present. */
const NAME_TOP_PX = 16;
const DASH_PX = 4;

/** Events no further from a time than `reach` seconds, the nearest first. */
export function eventsAt(events: readonly MarkerEventJson[], time: number, reach: number): MarkerEventJson[] {
  const distance = (event: MarkerEventJson) => Math.abs(event.time - time);
  return events.filter((event) => distance(event) <= reach).sort((a, b) => distance(a) - distance(b));
}

/** What happened, as one would say it. */
export function eventLabel({ marker, text }: Pick<MarkerEventJson, 'marker' | 'text'>): string {
  return `${marker}: ${text}`;
}

/** Draws a dashed line at each event, with its name where that does not cover the one before. */
export function drawEvents(plot: uPlot, events: readonly MarkerEventJson[], { event: colour }: Colors): void {
  const { ctx, bbox } = plot;
  const px = uPlot.pxRatio;
  const isNamed = bbox.height >= MIN_NAMED_PX * px;
  const right = bbox.left + bbox.width;
  const ascending = [...events].sort((a, b) => a.time - b.time);
  let freeFrom = Number.NEGATIVE_INFINITY;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = Math.max(1, Math.round(px));
  ctx.setLineDash([DASH_PX * px, DASH_PX * px]);
  ctx.font = `${11 * px}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  for (const { time, marker } of ascending) {
    // On whole pixels, or it is two pixels of half the colour.
    const at = Math.round(plot.valToPos(time, 'x', true)) + 0.5;
    if (at < bbox.left || at > right) continue;
    ctx.beginPath();
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
    ctx.stroke();
    if (!isNamed || at < freeFrom) continue;
    const width = ctx.measureText(marker).width + 2 * MARGIN_PX * px;
    if (at + width > right) continue;
    ctx.fillText(marker, at + MARGIN_PX * px, bbox.top + NAME_TOP_PX * px);
    freeFrom = at + width;
  }
  ctx.restore();
}
