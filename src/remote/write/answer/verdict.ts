/** What a response means for its request. */
export type Verdict =
  | 'accepted'
  /** Something in the request is invalid, or the request is too large. */
  | 'refused'
  /** The target failed on this request, or fails on everything. */
  | 'faulty'
  /** The target accepts nothing for now. */
  | 'unavailable'
  /** Sending the request again would change nothing. */
  | 'non_retryable'
  /** The target does not speak the version of the request. */
  | 'wrong_protocol';

/** Judges a status by the rules of the remote-write specification: 5xx is retried, 429 may be, other 4xx must not be. */
export function judgeStatus(status: number): Verdict {
  if (status >= 200 && status < 300) return 'accepted';
  switch (status) {
    case 400:
      // One bad sample condemns a whole 1.0 request, so its good parts are sent again without the bad one.
      return 'refused';
    case 413:
      // A target with a smaller limit than others accepts it in parts.
      return 'refused';
    case 415:
      return 'wrong_protocol';
    case 429:
    case 502:
    case 503:
    case 504:
      // From proxies and overloaded servers, about themselves rather than about this request.
      return 'unavailable';
    default:
      // Redirects (3xx) end here too: they would take the credentials elsewhere.
      return status >= 500 ? 'faulty' : 'non_retryable';
  }
}
