/** An answer of an HTTP API in Prometheus' JSON form. */
export interface ApiAnswer {
  readonly httpStatus: number;
  readonly status: 'success' | 'error';
  readonly data?: unknown;
  readonly errorType?: string;
  readonly error?: string;
}

/** Gets an address whose answer is JSON, whatever its HTTP status. */
export async function getJson(address: string): Promise<ApiAnswer> {
  const response = await fetch(address, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  try {
    return { httpStatus: response.status, ...JSON.parse(text) };
  } catch (cause) {
    throw new Error(`GET ${address}: ${response.status}, not JSON: ${text}`, { cause });
  }
}
