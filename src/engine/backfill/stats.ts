/** What backfill counts; plain fields, for they are counted on the way of every sample's series. */
export class BackfillStats {
  /** Samples that were given to the rings. */
  samples = 0;
  /** Samples of series that came, without a value. */
  notFinite = 0;
  /** Samples that are not older than what came live. */
  live = 0;
  /** Series that the answer holds and nobody asked for. */
  unasked = 0;
  /** Native histograms, or chunks of them. */
  histograms = 0;
  /** Empty buckets of either tier that got a value. */
  buckets = 0;
}
