/** A request that is about to be sent. */
export interface UnsignedRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** How requests to a peer show who sends them. */
export interface Authorizer {
  /** The headers that a request gets for it. Rejects where there are none to be had now. */
  headersFor(request: UnsignedRequest): Promise<Readonly<Record<string, string>>>;
  /** After a 401: looks whether there are other secrets by now, such as a token that is newer. Returns whether it is worth trying again. */
  renew(): Promise<boolean>;
  /** Everything that must not be in a log. */
  readonly secrets: Iterable<string>;
  close(): Promise<void>;
}
