/** One label of a series. Names and values are UTF-8 text; an empty value means the label is absent. */
export interface Label {
  readonly name: string;
  readonly value: string;
}

/** The labels of one series: sorted by name (UTF-8 byte order, as Prometheus sorts), names unique, values non-empty. */
export type Labels = readonly Label[];

export const METRIC_NAME = '__name__';

/** Builds `Labels` from name/value pairs in any order. Empty values are dropped, as Prometheus does. Throws `TypeError` on a duplicate or empty name. */
export function makeLabels(pairs: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): Labels {
  const entries =
    Symbol.iterator in pairs ? [...(pairs as Iterable<readonly [string, string]>)] : Object.entries(pairs);
  const labels = entries.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }));
  labels.sort((a, b) => compareUtf8(a.name, b.name));
  labels.forEach(({ name }, i) => {
    if (name === '') throw new TypeError('Cannot build labels: a label name is empty');
    if (name === labels[i - 1]?.name) throw new TypeError(`Cannot build labels: duplicate label "${name}"`);
  });
  return labels;
}

/** The value of a label, or `''` where the series has no such label (in PromQL the two are the same). */
export function labelValue(labels: Labels, name: string): string {
  return labels.find((label) => label.name === name)?.value ?? '';
}

/** By name: as JSON has them. */
export function labelsJson(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels.map(({ name, value }) => [name, value]));
}

/** The labels as PromQL writes a series: `name{a="b"}`, or `{"utf.8 name", a="b"}` where the name needs quotes. */
export function formatLabels(labels: Labels): string {
  const name = labelValue(labels, METRIC_NAME);
  const bare = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
  const rest = labels
    .filter((label) => label.name !== METRIC_NAME)
    .map(
      (label) =>
        `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label.name) ? label.name : quote(label.name)}=${quote(label.value)}`,
    );
  if (bare) return rest.length === 0 ? name : `${name}{${rest.join(', ')}}`;
  return `{${[...(name === '' ? [] : [quote(name)]), ...rest].join(', ')}}`;
}

/** Orders label sets as Prometheus does (prometheus/prometheus model/labels, Compare): by one label after the other. */
export function compareLabels(a: Labels, b: Labels): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = compareUtf8(a[i]!.name, b[i]!.name) || compareUtf8(a[i]!.value, b[i]!.value);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Orders text by its UTF-8 bytes; differs from JavaScript's own order only beyond U+D7FF. */
export function compareUtf8(a: string, b: string): number {
  // Of labels of two series, most are the same.
  if (a === b) return 0;
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = utf8Rank(a.charCodeAt(i)) - utf8Rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates encode code points beyond U+FFFF, so they rank after U+E000 to U+FFFF. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** A text as PromQL writes it in double quotes. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
