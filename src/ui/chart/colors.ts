import { h } from '../lib/dom.js';

/** The colours of the style sheet that are drawn on a canvas, where CSS does not reach. */
export interface Colors {
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly expected: string;
  readonly interval: string;
  readonly future: string;
  readonly alarm: string;
  readonly alarmSoft: string;
  readonly excluded: string;
  readonly special: string;
  readonly event: string;
}

/** Reads them as they are now, light or dark. */
export function readColors(): Colors {
  // A custom property is handed out as written; the `color` of an element is computed.
  const probe = document.body.appendChild(h('i', { hidden: true }));
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    ink: read('ink'),
    dim: read('dim'),
    line: read('line'),
    expected: read('expected'),
    interval: read('interval'),
    future: read('future'),
    alarm: read('alarm'),
    alarmSoft: read('alarm-soft'),
    excluded: read('excluded'),
    special: read('special'),
    event: read('event'),
  };
  probe.remove();
  return colors;
}
