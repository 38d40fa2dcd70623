/**
 * How long to wait before the next attempt after `failures` in a row (≥ 1): `minMs`, doubling up to `maxMs`, minus up
 * to half at random, so that senders that failed together do not retry together. `random` gives [0, 1).
 */
export function backoffMs(failures: number, minMs: number, maxMs: number, random: () => number = Math.random): number {
  // 2 ** 1024 is Infinity, which min() still takes.
  const full = Math.min(minMs * 2 ** (failures - 1), maxMs);
  return full * (1 - random() / 2);
}

/**
 * Reads a Retry-After header (RFC 9110 §10.2.3): a number of seconds, or a date. Returns milliseconds from `nowMs` on,
 * ≥ 0, or undefined where it is missing or malformed.
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  // Date.parse() accepts much that is no date, such as "-1"; HTTP's dates all end in GMT.
  const dateMs = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
