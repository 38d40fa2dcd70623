/**
 * What a fit needs to know of the calendar: plain numbers, because they are handed to worker threads and kept with models.
 */
export interface FitCalendar {
  /**
   * The clock of the seasons, as triples in order of time: from which instant on, how many ms the local clock is ahead of
   * UTC, by how many ms the day is moved within the week (a holiday like a Sunday). Without one, and before the first: UTC.
   */
  readonly clock: Float64Array;
  /** With `dayTypes: auto`, whether weekends were found to be days of their own; absent where that is to be found out. */
  readonly hasDayTypes?: boolean | undefined;
}
