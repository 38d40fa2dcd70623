import type { PreviewAlarmJson, PreviewAnswer } from '../../http/api/json/preview.js';
import { copyable } from '../detail/copy.js';
import { h } from '../lib/dom.js';
import { formatCount, formatInterval, formatScore, intervalFormatter } from '../lib/format.js';
import { labelsText, seriesText } from '../lib/promql.js';
import { formatDuration, localDayTime, roughDuration, utcDateTime } from '../lib/times.js';
import { unitOf } from '../lib/units.js';
import { rangeAround, type View, writeView } from '../lib/view.js';

type Preview = PreviewAnswer['data'];

const GROUPS = [
  ['gone', 'These would go'],
  ['stayed', 'These would stay'],
  ['added', 'These would be new'],
] as const;
/** Of each group; more of them nobody reads. */
const MAX_ALARMS = 100;

/** `12.0 → 3.0 alarms a week`; `4 → 1 alarms in 3 d` of less than a week, which has no rate. */
export function verdictText({ before, after, tracked }: Pick<Preview, 'before' | 'after' | 'tracked'>): string {
  const [rate, changed] = [before.alarms_per_week, after.alarms_per_week];
  if (rate !== null && changed !== null) return `${rate.toFixed(1)} → ${changed.toFixed(1)} alarms a week`;
  return `${before.alarms} → ${after.alarms} alarms in ${roughDuration(tracked)}; too short to say a weekly rate`;
}

/** Of which series and time, and at which step. */
export function scopeText({
  tracked,
  series,
  matched,
  before,
  after,
}: Omit<Preview, 'alarms' | 'yaml' | 'rule'>): string {
  const which =
    matched > series
      ? `${formatCount(series)} of ${formatCount(matched)} series, those with the most alarms`
      : `${formatCount(series)} series`;
  const steps = [...new Set([before.step, after.step])].map(formatDuration).join(' and ');
  return `The last ${roughDuration(tracked)} of ${which}, replayed in steps of ${steps} from the history in memory.`;
}

/** What a preview came to: the sentence, the alarms with links to their time in the chart, and the rule to copy. */
export function trialResult(preview: Preview, view: View, aggregate: string): HTMLElement[] {
  const { alarms, after, yaml } = preview;
  const isOne = new Set(alarms.map(({ metric }) => seriesText(metric))).size <= 1;
  return [
    h('p', { class: 'trial-verdict' }, verdictText(preview)),
    h('p', { class: 'trial-scope' }, scopeText(preview)),
    ...GROUPS.map(([outcome, title]) => {
      const found = alarms.filter((alarm) => alarm.outcome === outcome);
      const shown = found.slice(-MAX_ALARMS).reverse();
      const more = found.length - shown.length;
      return h(
        'details',
        { class: 'trial-alarms', 'data-outcome': outcome, open: found.length > 0 },
        h('summary', {}, `${title} (${formatCount(found.length)})`),
        h('ul', {}, ...shown.map((alarm) => alarmItem(alarm, { view, aggregate, step: after.step, isNamed: !isOne }))),
        more > 0 && h('p', {}, `and ${formatCount(more)} before them`),
      );
    }),
    copyable({ title: 'sentio.yml, with these settings', text: yaml.trimEnd() }),
  ];
}

function alarmItem(
  alarm: PreviewAlarmJson,
  { view, aggregate, step, isNamed }: { view: View; aggregate: string; step: number; isNamed: boolean },
): HTMLElement {
  const { metric, start, end, peak_score: score, value, yhat_lower: lower, yhat_upper: upper } = alarm;
  const format = intervalFormatter(unitOf(metric.__name__ ?? '', aggregate), [value, lower, upper]);
  const range = rangeAround({ start, end }, step);
  const href = writeView({ ...view, series: seriesText(metric), range, why: undefined });
  return h(
    'li',
    {},
    h('a', { href, title: utcDateTime(start) }, localDayTime(start).slice(0, -3)),
    h('span', { class: 'trial-length' }, roughDuration(end - start + step)),
    h('span', { class: 'trial-value' }, `${format(value)}, expected ${formatInterval(format, lower, upper)}`),
    h('span', { class: 'trial-score' }, formatScore(score)),
    isNamed &&
      h('span', { class: 'trial-series', title: seriesText(metric) }, `${metric.__name__ ?? ''} ${labelsText(metric)}`),
  );
}
