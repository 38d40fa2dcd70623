import type { Outlook } from './outlook.js';

/**
 * Rows under Prophet's names: `ds,yhat,yhat_lower,yhat_upper,trend`, then the seasonalities; before them `series` where there are several.
 * A cell is empty where a series has no such season.
 */
export function formatCsv(outlooks: readonly Outlook[]): string {
  const seasons = [...new Set(outlooks.flatMap(({ components }) => components.seasonalities.map(({ name }) => name)))];
  const several = outlooks.length > 1;
  const header = [...(several ? ['series'] : []), 'ds', 'yhat', 'yhat_lower', 'yhat_upper', 'trend', ...seasons];
  const lines = [header.join(',')];
  for (const outlook of outlooks) {
    const columns = columnsOf(outlook);
    for (let i = 0; i < columns.ds.length; i++) {
      const cells = header.map((name) =>
        name === 'series'
          ? quoted(outlook.name)
          : name === 'ds'
            ? columns.ds[i]!
            : (columns.numbers.get(name)?.[i] ?? ''),
      );
      lines.push(cells.join(','));
    }
  }
  return lines.join('\n');
}

/** An object for each series, with the same columns as lists. */
export function formatJson(outlooks: readonly Outlook[]): string {
  return JSON.stringify(
    outlooks.map((outlook) => {
      const { ds, numbers } = columnsOf(outlook);
      return {
        series: outlook.name,
        step_seconds: outlook.stepMs / 1000,
        last_value: new Date(outlook.lastMs),
        ds,
        ...Object.fromEntries(Array.from(numbers, ([name, column]) => [name, [...column]])),
      };
    }),
    undefined,
    1,
  );
}

function columnsOf({ forecast, components }: Outlook) {
  const { timesMs, yhat, yhatLower, yhatUpper } = forecast;
  const numbers = new Map<string, Float64Array>([
    ['yhat', yhat],
    ['yhat_lower', yhatLower],
    ['yhat_upper', yhatUpper],
    ['trend', components.trend],
    ...components.seasonalities.map(({ name, values }) => [name, values] as const),
  ]);
  return { ds: Array.from(timesMs, (timeMs) => new Date(timeMs).toISOString().replace('.000Z', 'Z')), numbers };
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
