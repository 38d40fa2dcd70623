import type { RuleCalendar } from '../../calendar/rule-calendar.js';
import { LeadPlan } from '../../detect/ahead/combination-by-lead.js';
import type { CombinationLayout } from '../../detect/ahead/combination-layout.js';
import { PastDaysPlan } from '../../detect/ahead/past-days-plan.js';
import type { RingView } from '../../model/samples/ring-view.js';

const DAY_MS = 86_400_000;
/** Plans kept for one grid: series of one rule share a plan, except series that are a bucket or a step behind. */
const MAX_PLANS = 8;

/** What a plan is made for; two series with the same share it. */
export interface PlannedFor {
  /** The first of the times of the grid that are ahead. */
  readonly first: number;
  /** The end of the step that was scored last. */
  readonly originMs: number;
  readonly history: RingView;
  readonly layout: CombinationLayout;
  readonly calendar: RuleCalendar;
}

/** What of the forecasts at times ahead follows from the times alone, whatever the series. */
export class AheadTimes {
  readonly #for: PlannedFor;
  readonly #timesMs: Float64Array;
  #days: PastDaysPlan | undefined;
  readonly leads: LeadPlan;
  /** The times, or a day ahead where they are later. */
  readonly heldMs: Float64Array;
  /** The times that are more than a day ahead, the last ones. */
  readonly laterMs: Float64Array;
  /** Scratch for what the trend does until these. */
  readonly held: Float64Array;
  readonly later: Float64Array;
  /** Scratch for what the curve says. */
  readonly curve: Float64Array;

  constructor(timesMs: Float64Array, plannedFor: PlannedFor) {
    const { originMs, layout } = plannedFor;
    const dayMs = originMs + DAY_MS;
    this.#for = plannedFor;
    this.#timesMs = timesMs;
    this.leads = new LeadPlan(
      timesMs.map((timeMs) => timeMs + layout.stepMs / 2 - originMs),
      layout.anchors,
    );
    this.heldMs = timesMs.map((timeMs) => Math.min(timeMs, dayMs));
    this.laterMs = timesMs.filter((timeMs) => timeMs > dayMs);
    this.held = new Float64Array(this.heldMs.length);
    this.later = new Float64Array(this.laterMs.length);
    this.curve = new Float64Array(timesMs.length);
  }

  /** What the days before say; made when a series has learnt to go by them. */
  get days(): PastDaysPlan {
    const { originMs, history, calendar } = this.#for;
    this.#days ??= new PastDaysPlan(this.#timesMs, originMs, history, calendar);
    return this.#days;
  }

  isFor({ first, originMs, history, layout, calendar }: PlannedFor): boolean {
    const own = this.#for;
    return (
      first === own.first &&
      originMs === own.originMs &&
      layout === own.layout &&
      calendar === own.calendar &&
      history.newestBucket === own.history.newestBucket &&
      history.widthMs === own.history.widthMs &&
      history.capacity === own.history.capacity
    );
  }
}

/** By the times of a grid, which series of one query share. */
const plans = new WeakMap<Float64Array, AheadTimes[]>();

/** The plan of the times from `first` on; the one that is kept with `timesMs` if there is one. */
export function aheadTimes(timesMs: Float64Array, plannedFor: PlannedFor): AheadTimes {
  let known = plans.get(timesMs);
  if (known === undefined) {
    known = [];
    plans.set(timesMs, known);
  }
  for (const plan of known) if (plan.isFor(plannedFor)) return plan;
  const plan = new AheadTimes(timesMs.subarray(plannedFor.first), plannedFor);
  known.push(plan);
  if (known.length > MAX_PLANS) known.shift();
  return plan;
}
