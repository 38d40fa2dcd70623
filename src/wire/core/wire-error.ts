/**
 * A message from a peer that is refused as a whole. `malformed`: its bytes are not what they claim to be; `too_large`: they
 * exceed a limit. The text is for the peer and contains nothing of the message except numbers.
 */
export class WireError extends Error {
  override name = 'WireError';
  readonly reason: 'malformed' | 'too_large';

  constructor(reason: 'malformed' | 'too_large', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
