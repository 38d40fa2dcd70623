import assert from 'node:assert/strict';
import { getJson } from '../harness/json-api.js';
import { query } from '../harness/promql.js';
import type { DashboardJson } from './repository.js';

/** Values of variables, as they stand in a query. */
export type Values = Readonly<Record<string, string>>;

/** Puts values where Grafana would: `$name`, `${name}`, `${name:format}`. */
export function interpolate(text: string, values: Values): string {
  return text.replace(/\$(?:\{(\w+)(?::(\w+))?\}|(\w+))/g, (whole, inBraces, format, bare) => {
    const value = values[inBraces ?? bare];
    return format === 'percentencode' && value !== undefined ? encodeURIComponent(value) : (value ?? whole);
  });
}

/**
 * Asks Prometheus for the choices of every variable of a dashboard, in turn, as Grafana does: `label_values` by the API of
 * labels, `query_result` by a query, and of each what the regex has in parentheses. `chosen` decides where there is a
 * choice; a variable that has All is at All.
 */
export async function resolveVariables(
  url: string,
  dashboard: DashboardJson,
  chosen: Values,
): Promise<{ values: Values; choices: Readonly<Record<string, readonly string[]>> }> {
  const values: Record<string, string> = { ...chosen };
  const choices: Record<string, readonly string[]> = {};
  for (const { name, type, query: asked, regex = '', includeAll, allValue } of dashboard.templating.list) {
    // `text : value, …`: the first is chosen.
    if (type === 'custom') values[name] ??= /: (\S+?)(?:,|$)/.exec(String(asked))![1]!;
    // Hidden; only links set it.
    if (type === 'textbox') values[name] ??= String(asked);
    if (type !== 'query' || typeof asked !== 'object') continue;
    const found = await ask(url, interpolate(asked.query, values));
    const parts = regex === '' ? found : found.flatMap((text) => toRegExp(regex).exec(text)?.[1] ?? []);
    choices[name] = [...new Set(parts)];
    values[name] = includeAll ? (allValue ?? '.*') : (chosen[name] ?? choices[name][0] ?? '');
  }
  return { values, choices };
}

async function ask(url: string, asked: string): Promise<readonly string[]> {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(asked) ?? [];
  if (selector !== undefined) {
    const { status, data, error } = await getJson(
      `${url}/api/v1/label/${label}/values?${new URLSearchParams({ 'match[]': selector })}`,
    );
    assert.equal(status, 'success', `${asked}: ${error}`);
    return data as string[];
  }
  const [, expression] = /^query_result\((.+)\)$/.exec(asked) ?? [];
  assert.ok(expression, `${asked} is no query of a variable`);
  // As Grafana writes the series of an answer.
  return (await query(url, expression)).map(({ labels: { __name__: name = '', ...labels }, points }) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    return `${name}{${pairs.join(',')}} ${points[0]?.value} ${points[0]?.timeMs}`;
  });
}

/** A regex as Grafana takes it: `/pattern/`. */
function toRegExp(text: string): RegExp {
  return new RegExp(text.replace(/^\/(.*)\/$/, '$1'));
}
