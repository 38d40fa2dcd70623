/** Why a series has no model; also values of the `outcome` label of `sentio_fits_total`. */
export const FIT_ERROR_REASONS = [
  /** Fewer values than a model may be made of: wait for more. */
  'too-short',
  /** All values have the same time: there is no span to fit. */
  'no-span',
  /** A value is infinite, or too near to it. */
  'not-finite',
  /** Logistic growth without a cap above the floor. */
  'bad-cap',
  /** The optimizer found no optimum. */
  'diverged',
  /** The fit used up its time; its worker was replaced. */
  'timeout',
  /** Stan, or the worker under it, died; the worker is replaced. */
  'crashed',
  /** The pool has as many fits waiting as it may hold. */
  'queue-full',
  /** The pool is closed. */
  'closed',
] as const;
export type FitErrorReason = (typeof FIT_ERROR_REASONS)[number];

/** A fit that gave no model, with a reason a caller can act on. */
export class FitError extends Error {
  override name = 'FitError';
  readonly reason: FitErrorReason;

  constructor(reason: FitErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
