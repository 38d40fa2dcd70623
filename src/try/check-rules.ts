import { LiveRange } from '../backtest/input/live-range.js';
import { loadConfig } from '../config/load.js';
import { UsageError } from '../lib/errors.js';
import { nearest } from '../lib/nearest.js';
import { labelValue, METRIC_NAME } from '../model/labels/labels.js';
import type { Matcher } from '../model/labels/matcher.js';
import { formatSelector } from '../model/labels/selector.js';
import type { MarkerSettings } from '../model/settings/marker.js';
import type { Rule } from '../model/settings/settings.js';
import { OWN_OUTPUT } from '../model/settings/synthetic.js';

/** Values of a label that are named. */
const MAX_VALUES = 5;
/** A label that holds the name while sets are compared, which look at the other labels only. */
const NAME_LABEL = 'sentio_metric_name';

/**
 * Prints how many of the series that a Prometheus has now each rule of a valid configuration takes, the first that matches taking a
 * series, and each marker; of those that take none, why. Returns the exit code: 1 where the Prometheus cannot be asked.
 */
export async function checkRules(file: string, url: string, out: { write(text: string): unknown }): Promise<0 | 1> {
  const config = loadConfig(file);
  try {
    const range = new LiveRange(url, [...config.remoteRead, ...config.querySources]);
    try {
      for (const line of await linesOf(range, config, Date.now())) out.write(`${line}\n`);
    } finally {
      await range.close();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    out.write(`  FAILED: ${error.message}\n`);
    return 1;
  }
}

async function linesOf(
  range: LiveRange,
  { rules, markers }: { readonly rules: readonly Rule[]; readonly markers: readonly MarkerSettings[] },
  nowMs: number,
): Promise<string[]> {
  const count = async (expression: string) =>
    (await range.instant(`count(${expression})`, nowMs))[0]?.samples.values[0] ?? 0;
  const names = new Map(
    (await range.instant(`count by (__name__) ({__name__!="", __name__!~${JSON.stringify(OWN_OUTPUT)}})`, nowMs)).map(
      ({ labels, samples }) => [labelValue(labels, METRIC_NAME), samples.values[0] ?? 0] as const,
    ),
  );
  const total = [...names.values()].reduce((sum, each) => sum + each, 0);
  if (total === 0) return [` ${range.shownUrl} has no series now: does it scrape anything? Its page /targets says so.`];
  const lines = [` ${range.shownUrl} has ${total} series now:`];
  /** How many series the selectors take of those that earlier ones left, and the same in words. */
  const take = async ({ name, selectors }: Pick<Rule, 'name' | 'selectors'>, earlier: string[]) => {
    const own = selectors.map(withName).join(' or ');
    const found = await count(earlier.length === 0 ? own : `(${own}) unless (${earlier.join(' or ')})`);
    earlier.push(own);
    const reasons =
      found > 0 ? [] : await Promise.all(selectors.map((selector) => reasonOf(range, selector, names, count, nowMs)));
    return { found, line: `  ${name}: ${seriesOf(found)}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}` };
  };
  const ofRules: string[] = [];
  let taken = 0;
  for (const rule of rules) {
    if (rule.query !== undefined) {
      lines.push(`  ${rule.name}: ${seriesOf(await count(rule.query.expression))} of its query`);
      continue;
    }
    const { found, line } = await take(rule, ofRules);
    taken += found;
    lines.push(line);
  }
  if (taken < total) lines.push(`  ${seriesOf(total - taken)} taken by no rule`);
  const ofMarkers: string[] = [];
  for (const marker of markers) {
    const { found, line } = await take(marker, ofMarkers);
    const labelled = marker.labels.length === 0 ? found : await count(withAnyLabel(marker));
    const note = found > 0 && labelled === 0 ? `, none with label ${marker.labels.join(' or ')}: nothing to see` : '';
    lines.push(`${line.replace('  ', '  marker ')}${note}`);
  }
  return lines;
}

/** A selector whose series bear their name as a label too, and are not our own output. */
function withName(selector: readonly Matcher[]): string {
  const all = formatSelector([...selector, { name: METRIC_NAME, type: '!~', value: OWN_OUTPUT }]);
  return `label_replace(${all}, "${NAME_LABEL}", "$1", "__name__", "(.*)")`;
}

/** The series of a marker that have one of the labels it looks at. */
function withAnyLabel({ selectors, labels }: MarkerSettings): string {
  return selectors
    .flatMap((selector) => labels.map((name) => formatSelector([...selector, { name, type: '!=', value: '' }])))
    .join(' or ');
}

/** Why a selector takes nothing. */
async function reasonOf(
  range: LiveRange,
  selector: readonly Matcher[],
  names: ReadonlyMap<string, number>,
  count: (expression: string) => Promise<number>,
  nowMs: number,
): Promise<string> {
  const text = formatSelector(selector);
  const name = selector.find((matcher) => matcher.name === METRIC_NAME && matcher.type === '=');
  if (name !== undefined && !names.has(name.value)) {
    const meant = nearest(name.value, [...names.keys()]);
    return `there is no ${name.value}${meant === undefined ? '' : `, did you mean ${meant}?`}`;
  }
  if ((await count(text)) > 0) return `${text} matches only series that earlier ones take`;
  for (const matcher of selector) {
    if (matcher === name) continue;
    const alone = name === undefined ? [matcher] : [name, matcher];
    if ((await count(formatSelector(alone))) > 0) continue;
    if (matcher.name === METRIC_NAME) return nameReason(matcher, names);
    const of = formatSelector(name === undefined ? [{ name: METRIC_NAME, type: '!=', value: '' }] : [name]);
    const values = (await range.instant(`topk(${MAX_VALUES}, count by (${matcher.name}) (${of}))`, nowMs))
      .map(({ labels }) => labelValue(labels, matcher.name))
      .filter(Boolean)
      .sort();
    const has =
      values.length === 0
        ? `there is no label ${matcher.name}`
        : `its ${matcher.name} is ${values.map((value) => JSON.stringify(value)).join(', ')}`;
    const what = name === undefined ? 'no series has' : `${name.value} has no`;
    return `${what} ${matcher.name}${matcher.type}${JSON.stringify(matcher.value)}, ${has}`;
  }
  return `${text} matches nothing`;
}

/** No metric has a name that a regular expression matches: which one looks like it, its operators left aside. */
function nameReason({ type, value }: Matcher, names: ReadonlyMap<string, number>): string {
  const meant = nearest(value.replace(/[^a-zA-Z0-9_:]/g, ''), [...names.keys()]);
  const hint = meant === undefined ? '' : `, did you mean ${meant}?`;
  return `there is no __name__${type}${JSON.stringify(value)}${hint}`;
}

function seriesOf(count: number): string {
  return count === 0 ? 'no series' : `${count} series`;
}
