/** What backfill counts: plain fields, because they are counted for every series of every answer. */
export class BackfillStats {
  /** Samples stored. */
  samples = 0;
  /** Samples dropped because their value is not finite. */
  notFinite = 0;
  /** Samples dropped because live samples go back as far. */
  live = 0;
  /** Series in answers that were not requested. */
  unasked = 0;
  /** Native histograms, or chunks of them. */
  histograms = 0;
  /** Empty buckets of either tier that got a value. */
  buckets = 0;
}
