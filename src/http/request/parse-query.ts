/**
 * The parameters of a query string. As with Prometheus, a parameter that is given again counts once, the first time; those
 * whose names end in `[]` are lists. Takes time linear in the length of the text, however many parameters there are.
 */
export function parseQuery(text: string): Record<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found.get(name);
    if (Array.isArray(before)) before.push(value);
    else if (before === undefined) found.set(name, name.endsWith('[]') ? [value] : value);
  }
  return Object.fromEntries(found);
}
