const MIN_MONTHS = 3;

/**
 * The times after the last one, up to `untilMs`, of what has one value a month, at least three and on the same day of each: that day of
 * the next months. Between these days a yearly season was never seen, and 31 days later is soon between them. Undefined for
 * other times.
 */
export function monthsAhead(timesMs: Float64Array, untilMs: number): number[] | undefined {
  const [firstMs] = timesMs;
  if (firstMs === undefined || timesMs.length < MIN_MONTHS) return undefined;
  const months = [...timesMs].map((timeMs) => monthsBetween(firstMs, timeMs));
  const isOnDay = timesMs.every((timeMs, i) => timeMs === afterMonths(firstMs, months[i]!));
  const monthly = months.filter((month, i) => i > 0 && month - months[i - 1]! === 1).length;
  if (!isOnDay || monthly < timesMs.length / 2) return undefined;
  const ahead: number[] = [];
  for (let month = months.at(-1)! + 1; afterMonths(firstMs, month) <= untilMs; month++)
    ahead.push(afterMonths(firstMs, month));
  return ahead;
}

function monthsBetween(fromMs: number, toMs: number): number {
  const [from, to] = [new Date(fromMs), new Date(toMs)];
  return 12 * (to.getUTCFullYear() - from.getUTCFullYear()) + to.getUTCMonth() - from.getUTCMonth();
}

/** In UTC, as files have days. */
function afterMonths(fromMs: number, months: number): number {
  const from = new Date(fromMs);
  return from.setUTCMonth(from.getUTCMonth() + months);
}
