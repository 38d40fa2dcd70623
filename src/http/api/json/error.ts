/** Any answer that is not 2xx. */
export interface ErrorAnswer {
  readonly status: 'error';
  readonly errorType: string;
  readonly error: string;
}
