import type uPlot from 'uplot';

/** A pointer that moved further than this while it was down was dragged. */
export const MIN_DRAG_PX = 5;
/** What a pointer covers on either side of its tip. */
export const MOUSE_REACH_PX = 4;
const FINGER_REACH_PX = 14;
/** A second click this soon makes it a double click. */
const DOUBLE_CLICK_MS = 300;

/**
 * Tells of clicks and taps on a plot that are neither the end of a drag nor part of a double click: of the time that was
 * clicked on, and how many seconds on either side of it the pointer covers.
 */
export function listenForClicks(plot: uPlot, clicked: (time: number, reach: number) => void): void {
  let down: PointerEvent | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  plot.over.addEventListener('pointerdown', (event) => {
    down = event;
  });
  plot.over.addEventListener('click', (event) => {
    clearTimeout(waiting);
    const { left } = plot.over.getBoundingClientRect();
    const isDrag = down !== undefined && Math.abs(event.clientX - down.clientX) >= MIN_DRAG_PX;
    if (isDrag || event.detail > 1) return;
    const time = plot.posToVal(event.clientX - left, 'x');
    const reachPx = down?.pointerType === 'touch' ? FINGER_REACH_PX : MOUSE_REACH_PX;
    const reach = plot.posToVal(reachPx, 'x') - plot.posToVal(0, 'x');
    waiting = setTimeout(() => clicked(time, reach), DOUBLE_CLICK_MS);
  });
}
