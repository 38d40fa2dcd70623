import { TrendMoments } from './trend-moments.js';

/** What the times of the samples alone decide of a design: its columns, and of an additive model all their products. */
export class Regressors {
  readonly trend: TrendMoments;
  /** Columns of the seasonalities, as long as `t`. */
  readonly features: readonly Float64Array[];
  /** ZᵀZ of the additive model, once one has been fitted: `MapSystem` writes it and knows its order. Never changed afterwards. */
  additiveGram: Float64Array | undefined;

  /** `t` and `changepoints` ascending in [0, 1]; `isFlat` leaves no trend but its offset. */
  constructor(t: Float64Array, changepoints: Float64Array, isFlat: boolean, features: readonly Float64Array[]) {
    this.trend = new TrendMoments(t, changepoints, isFlat);
    this.features = features;
  }
}
