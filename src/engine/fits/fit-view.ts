import type { TimeSpan, TrainingView } from '../../model/samples/ring-view.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const DAY_MS = 86_400_000;
/** An incident that goes on is excluded from fits for this long; after that it may be the new normal. */
const MAX_ONGOING_MS = DAY_MS;
/** What came on this many days at one time of the day, or twice at one time of the week, is learnt. */
const DAILY_TIMES = 3;
const WEEKLY_TIMES = 2;

/** What a model of a series is trained on: its history at the present level, without incidents that do not recur. */
export function fitView(store: SeriesStore, series: TrackedSeries): TrainingView {
  const { id, levelShifts, excludedSpans, score } = series;
  const newestMs = store.newestSampleMs(id);
  const { stepMs } = store.settings(id);
  const alarms = series.alarms.list
    .filter(({ suppressed }) => !suppressed)
    .map(({ fromMs, toMs, kind }) => {
      const isOver = !(score > 1) || toMs < newestMs - stepMs;
      return { fromMs, toMs: isOver ? toMs : Math.min(toMs, fromMs + MAX_ONGOING_MS), kind };
    });
  const suspect = alarms.filter((span) => !recurs(span, alarms));
  // What a sensor that is stuck says is usual, and says nothing.
  const stuck = suspect.filter(({ kind }) => kind === 'stuck');
  const excluded = [...excludedSpans.filter((span) => !recurs(span, excludedSpans)), ...stuck];
  return { ...store.trainingView(id), levelShifts, excluded, suspect };
}

/** Whether a span is one of several at its time of the day or of the week. */
function recurs(span: TimeSpan, spans: readonly TimeSpan[]): boolean {
  let daily = 1;
  let weekly = 1;
  for (const other of spans) {
    if (other === span) continue;
    const days = Math.round((other.fromMs - span.fromMs) / DAY_MS);
    if (days === 0 || !isLike(span, other, days * DAY_MS)) continue;
    daily++;
    if (days % 7 === 0) weekly++;
  }
  return daily >= DAILY_TIMES || weekly >= WEEKLY_TIMES;
}

/** Whether two spans overlap for the most part once the first is shifted by `shiftMs`. */
function isLike(a: TimeSpan, b: TimeSpan, shiftMs: number): boolean {
  const fromMs = Math.max(a.fromMs + shiftMs, b.fromMs);
  const toMs = Math.min(a.toMs + shiftMs, b.toMs);
  return 2 * (toMs - fromMs) > Math.max(a.toMs - a.fromMs, b.toMs - b.fromMs);
}
