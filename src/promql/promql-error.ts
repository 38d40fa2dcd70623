/** Thrown for a query that is no PromQL, or that is PromQL which is not evaluated here; the message is for its author. */
export class PromqlError extends Error {
  override name = 'PromqlError';
  /** `parse`: the query itself is wrong or refused. `execution`: it came to light while it was evaluated. */
  readonly reason: 'parse' | 'execution';

  constructor(reason: 'parse' | 'execution', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
