/**
 * The parameters of a query string. As with Prometheus, a parameter that is given again counts once, the first time; those
 * whose names end in `[]` are lists.
 */
export function parseQuery(text: string): Record<string, string | string[]> {
  const params = new URLSearchParams(text);
  const names = [...new Set(params.keys())];
  return Object.fromEntries(
    names.map((name) => [name, name.endsWith('[]') ? params.getAll(name) : (params.get(name) ?? '')]),
  );
}
