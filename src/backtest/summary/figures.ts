import { type Measures, precisionOf, recallOf } from '../measure/measures.js';
import { fixed, weekly } from './format-table.js';

/** What the figures of a series are called; the last two where anomalies are marked. */
export function figureNames(isMarked: boolean): string[] {
  return ['MASE', 'coverage', 'pinball', 'alarms', 'a week', ...(isMarked ? ['precision', 'recall'] : [])];
}

/** The figures of a series as they are printed, one for each name. */
export function figuresOf(measures: Measures, isMarked: boolean): string[] {
  return [
    fixed(measures.mase, 2),
    fixed(measures.coverage, 3),
    fixed(measures.pinball, 3),
    String(measures.alarms),
    fixed(weekly(measures.alarms, measures.trackedMs), 2),
    ...(isMarked ? [fixed(precisionOf(measures), 2), fixed(recallOf(measures), 2)] : []),
  ];
}
