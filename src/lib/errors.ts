/** What went wrong in an exchange, for people; it may hold secrets that the peer echoed. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails with one error for each of them, and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error.message;
}

/**
 * A mistake of the person who runs Sentio, in a flag, a file or a folder: its message is all that is shown. Everything else that is
 * thrown, a `RangeError` of the engine among it, is a fault of Sentio's and is shown with its stack.
 */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Thrown for what cannot be done now because of load: it may be tried again later. */
export class BusyError extends Error {
  override name = 'BusyError';
}
