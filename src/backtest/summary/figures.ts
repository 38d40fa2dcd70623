import { foundAfterOf, type Measures, precisionOf, recallOf } from '../measure/measures.js';
import { fixed, lasting } from './format-table.js';
import { median } from './totals.js';

/** What the figures of a series are called; the last three where anomalies are marked. */
export function figureNames(isMarked: boolean): string[] {
  const marked = isMarked ? ['precision', 'recall', 'found after'] : [];
  return ['MASE', 'coverage', 'pinball', 'alarms', 'a week', ...marked];
}

/** The figures of a series as they are printed, one for each name. */
export function figuresOf(measures: Measures, isMarked: boolean): string[] {
  const foundAfterMs = median(foundAfterOf([measures.marked]));
  return [
    fixed(measures.mase, 2),
    fixed(measures.coverage, 3),
    fixed(measures.pinball, 3),
    String(measures.alarms),
    fixed(measures.alarmsPerWeek, 2),
    ...(isMarked ? [fixed(precisionOf(measures), 2), fixed(recallOf(measures), 2), foundAfter(foundAfterMs)] : []),
  ];
}

/** How long after its begin a marked anomaly was found; `-` where none was. */
export function foundAfter(ms: number): string {
  return Number.isNaN(ms) ? '-' : lasting(ms);
}
