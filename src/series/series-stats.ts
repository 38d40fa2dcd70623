/** Counts of series and decisions since the start, and two sizes. */
export class SeriesStats {
  /** Times a series was met that is not tracked, by reason. */
  noRule = 0;
  ownOutput = 0;
  seriesLimit = 0;
  invalidLabels = 0;
  labelLimit = 0;
  memoryLimit = 0;
  newSeriesLimit = 0;
  ruleLimit = 0;
  /** Series seen for the first time, and removed. */
  seriesAdded = 0;
  seriesRemoved = 0;
  /** Times the remembered decisions to ignore a series outgrew their memory and were forgotten. */
  ignoredResets = 0;
  /** Types of metrics that were not remembered because there was no room. */
  metricTypesDropped = 0;
  /** Now: shared memory of all rings. */
  ringBytes = 0;
  /** Now: decisions to ignore a series that are remembered. */
  ignoredEntries = 0;
}
