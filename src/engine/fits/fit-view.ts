import type { TrainingView } from '../../model/ring-view.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/**
 * So long an incident is kept out of fits. By then there are enough values after it for a fit to see for itself what is usual;
 * and what comes back every day has to be learnt one day.
 */
const LEFT_OUT_MS = 86_400_000;

/** What a model of a series is to be trained on: its history at the present level, without the incidents of the last day. */
export function fitView(store: SeriesStore, { id, levelShifts, incidents, score }: TrackedSeries): TrainingView {
  const newestMs = store.newestSampleMs(id);
  const sinceMs = newestMs - LEFT_OUT_MS;
  const { stepMs, acceptAfterMs } = store.settings(id);
  const excluded = incidents.list
    .filter(({ toMs, isTold }) => isTold && toMs > sinceMs)
    .map(({ fromMs, toMs }) => {
      // What goes on for longer may be how things are now.
      const isOver = !(score > 1) || toMs < newestMs - stepMs;
      return { fromMs: Math.max(fromMs, sinceMs), toMs: isOver ? toMs : Math.min(toMs, fromMs + acceptAfterMs) };
    });
  return { ...store.trainingView(id), levelShifts, excluded };
}
