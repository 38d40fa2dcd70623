/** A run of samples in columns: ascending times in Unix milliseconds, and as many values; NaN means no value. */
export interface Samples {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** When the counter of each sample began to count, in Unix milliseconds, 0 where that is not said; absent where it is of none. */
  readonly startsMs?: Float64Array;
}

/** A forecast in columns, all of one length: ascending times in Unix milliseconds, then yhat and its interval in the unit of the series. */
export interface Forecast {
  readonly timesMs: Float64Array;
  readonly yhat: Float64Array;
  readonly yhatLower: Float64Array;
  readonly yhatUpper: Float64Array;
}
