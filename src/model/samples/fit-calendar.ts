/** A column of holidays: 1 within spans of time, 0 elsewhere (Prophet's `make_holiday_features`). */
export interface FitHoliday {
  /** The name of the day; `_-1`, `_+1` … of the days before and after it, as Prophet has them. */
  readonly name: string;
  /** Standard deviation of the normal prior on its effect; undefined: `holidaysPriorScale`. */
  readonly priorScale?: number | undefined;
  /** Pairs of instants, ascending: the first belongs to the span, the second does not. */
  readonly spans: Float64Array;
}

/**
 * What a fit needs to know of the calendar: plain numbers, because they are handed to worker threads and kept with models.
 */
export interface FitCalendar {
  /**
   * The clock of the seasons, as triples in order of time: from which instant on, how many ms the local clock is ahead of
   * UTC, by how many ms the day is moved within the week (a holiday like a Sunday). Without one, and before the first: UTC.
   */
  readonly clock: Float64Array;
  /** The special days that are learnt; without it none. */
  readonly holidays?: readonly FitHoliday[];
  /** With `dayTypes: auto`, whether weekends were found to be days of their own; absent where that is to be found out. */
  readonly hasDayTypes?: boolean | undefined;
}
