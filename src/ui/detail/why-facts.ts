import type { AlarmJson } from '../../http/api/json/alarms.js';
import type { ExplanationJson } from '../../http/api/json/explanation.js';
import { h } from '../lib/dom.js';
import { formatInterval, formatScore, intervalFormatter } from '../lib/format.js';
import { labelsText, seriesText } from '../lib/promql.js';
import { formatDuration, localDayTime, utcDateTime } from '../lib/times.js';
import { unitOf } from '../lib/units.js';
import { rangeAround, type View, writeView } from '../lib/view.js';
import {
  alarmText,
  eventText,
  excludedText,
  isClipped,
  othersText,
  partTexts,
  similarText,
} from './explanation-text.js';
import { levelText } from './notes.js';

/** The few figures of an explanation: what came, what was expected of it, and how rare that is. */
export function whyFigures(explanation: ExplanationJson): HTMLElement[] {
  const { metric, aggregate, observed, expected, anomaly_score: score, alarm } = explanation;
  const { value, width } = observed;
  const { yhat = null, yhat_lower: lower = null, yhat_upper: upper = null } = expected ?? {};
  const format = intervalFormatter(unitOf(metric.__name__ ?? '', aggregate), [value, lower, upper]);
  const figure = (name: string, text: string, more: Readonly<Record<string, string | undefined>> = {}) =>
    h('div', more, h('dt', {}, name), h('dd', {}, text));
  const isAlarm = (score ?? 0) > 1 && alarm?.suppressed !== true;
  const share = expected && `meant to hold ${Number((expected.interval_width * 100).toPrecision(4))}% of all steps`;
  return [
    figure('observed', format(value), { class: 'now-value', title: `over ${formatDuration(width)}` }),
    figure('expected', format(yhat)),
    figure('interval', formatInterval(format, lower, upper), { title: share }),
    figure('score', formatScore(score), { title: 'over 1 is an alarm', class: isAlarm ? 'why-alarm' : undefined }),
  ];
}

/** What else is to be said: what the expectation is made of, the incident, the last one like it, who else. */
export function whyFacts(explanation: ExplanationJson, view: View): HTMLElement[] {
  const { metric, aggregate, start, end, expected, anomaly_score: score } = explanation;
  const { alarm, last_similar: similar, level_shift: shift, peers } = explanation;
  const fact = (name: string, ...told: (Node | string)[]) => h('div', {}, h('dt', {}, name), h('dd', {}, ...told));
  const facts: HTMLElement[] = [];
  if (expected !== undefined) {
    // A far value would have the parts of the interval it is far from written as zeros.
    const { yhat_lower: lower, yhat_upper: upper } = expected;
    const format = intervalFormatter(unitOf(metric.__name__ ?? '', aggregate), [lower, upper]);
    const parts = partTexts(expected, format).map(({ name, text }) => h('span', {}, `${name} `, h('b', {}, text)));
    const clamped = isClipped(expected) && h('span', {}, 'kept within the bounds of its rule');
    facts.push(h('div', { class: 'why-parts' }, h('dt', {}, 'expected is'), h('dd', {}, ...parts, clamped)));
  }
  if (alarm !== null) {
    facts.push(fact('reason', h('b', {}, alarm.kind), `: ${alarm.reason}`));
    facts.push(fact('alarm', alarmText(alarm)));
  }
  for (const one of explanation.excluded_times) facts.push(fact('excluded', excludedText(one)));
  if (explanation.special_day !== undefined) facts.push(fact('calendar', explanation.special_day.text));
  if (explanation.events.length > 0) facts.push(fact('happened', eventsList(explanation)));
  if (shift !== undefined) facts.push(fact('level', levelText(shift)));
  // Of a step that was none, the last alarm is not like it.
  if (similar !== null && (alarm !== null || (score ?? 0) > 1)) {
    facts.push(fact('last like it', similarLink(similar, end - start, view), `, ${similarText(similar, start)}`));
  }
  if (explanation.exemplars.length > 0) facts.push(fact('traces', exemplarsList(explanation)));
  facts.push(
    fact('others', othersText(explanation), ...(peers.worst.length === 0 ? [] : [othersList(explanation, view)])),
  );
  return facts;
}

/** What happened to what it belongs to, the closest first. */
function eventsList({ events }: ExplanationJson): HTMLElement {
  return h('ul', {}, ...events.map((event) => h('li', { title: utcDateTime(event.time) }, eventText(event))));
}

/** What was observed in the window, and by what it can be looked up elsewhere. */
function exemplarsList({ metric, aggregate, expected, exemplars }: ExplanationJson): HTMLElement {
  // As exact as the interval that they are compared with.
  const { yhat_lower: lower = null, yhat_upper: upper = null } = expected ?? {};
  const values = exemplars.map(({ value }) => value);
  const format = intervalFormatter(unitOf(metric.__name__ ?? '', aggregate), [...values, lower, upper]);
  const items = exemplars.map(({ labels, value, time }) => {
    const names = Object.entries(labels).map(([name, text]) => `${name}=${text}`);
    return h('li', {}, h('code', {}, names.join(' ')), ` ${format(value)} at ${localDayTime(time)}`);
  });
  return h('ul', {}, ...items);
}

function similarLink(similar: AlarmJson, step: number, view: View): HTMLElement {
  const there = { ...view, range: rangeAround(similar, step), why: similar.start + step / 2 };
  return h('a', { href: writeView(there) }, localDayTime(similar.start));
}

function othersList({ peers }: ExplanationJson, view: View): HTMLElement {
  const items = peers.worst.map(({ metric, alarm: { side, peak_score: peak, kind } }) => {
    const series = seriesText(metric);
    const labels = labelsText(metric);
    const score = formatScore(peak);
    const spoken = `${series}, ${kind}, ${side} what was expected, highest score ${score}`;
    return h(
      'li',
      {},
      h('span', { class: 'why-peak', 'aria-hidden': 'true' }, `${side === 'above' ? '▲' : '▼'} ${score}`),
      h(
        'a',
        { href: writeView({ ...view, series }), title: series, 'aria-label': spoken },
        metric.__name__ ?? '',
        h('span', { class: 'why-kind' }, kind),
        labels !== '' && h('span', { class: 'why-labels' }, labels),
      ),
    );
  });
  return h('ul', {}, ...items);
}
