import type { SummaryJson } from '../../http/api/json/series.js';
import { h, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';
import { ALARM_FILTERS, type AlarmFilter, ORDERS, type View } from '../lib/view.js';

type Filter = Pick<View, 'search' | 'rule' | 'alarm' | 'order' | 'headings' | 'folded' | 'except'>;

const ORDER_NAMES: Readonly<Record<View['order'], string>> = {
  outside: 'worst first',
  score: 'by score',
  begin: 'newest alarm',
  duration: 'longest alarm',
  limit: 'full soonest',
  name: 'by name',
};
const TYPING_MS = 150;

/** Search, rule, kind of alarm or state, and order of the list. */
export class Toolbar {
  readonly element = h('div', { class: 'filters', role: 'search' });
  readonly search = h('input', {
    type: 'search',
    placeholder: 'Search, or {selector}',
    'aria-label': 'Search series by words, or by a PromQL selector in braces',
    'aria-keyshortcuts': '/',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #rule = h('select', { 'aria-label': 'Rule' });
  readonly #alarm = h('select', { 'aria-label': 'Alarms and states' });
  readonly #order = h('select', {
    'aria-label': 'Order',
    title: 'Worst first: series in alarm by score, the rest by name',
  });
  readonly #headings = h('select', { 'aria-label': 'Headings', title: 'Group the list by a label' });
  readonly #fold = h('button', { type: 'button', class: 'quiet fold', hidden: true });
  readonly #problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  readonly #count = h('p', { class: 'count', role: 'status' });
  #rules = '';
  #alarms = '';
  #labels = '';
  #folded: Pick<View, 'folded' | 'except'> = { folded: 'none', except: [] };

  constructor(changed: (filter: Filter) => void) {
    const filter = (): Filter => ({
      search: this.search.value,
      rule: this.#rule.value === '' ? undefined : this.#rule.value,
      alarm: ALARM_FILTERS.find((each) => each === this.#alarm.value),
      order: this.#order.value as View['order'],
      headings: this.#headings.value === '' ? undefined : this.#headings.value,
      ...this.#folded,
    });
    let typing: ReturnType<typeof setTimeout> | undefined;
    this.search.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => changed(filter()), TYPING_MS);
    });
    this.#rule.addEventListener('change', () => changed(filter()));
    this.#alarm.addEventListener('change', () => changed(filter()));
    this.#alarm.append(...alarmOptions(undefined));
    this.#order.addEventListener('change', () => changed(filter()));
    this.#showOrders(false);
    this.#headings.addEventListener('change', () => {
      this.#folded = { folded: 'none', except: [] };
      changed(filter());
    });
    this.#fold.addEventListener('click', () => {
      this.#folded = { folded: this.#folded.folded === 'all' ? 'none' : 'all', except: [] };
      changed(filter());
    });
    this.#showLabels([]);
    this.element.append(
      this.search,
      this.#rule,
      this.#alarm,
      this.#order,
      this.#headings,
      this.#problem,
      h('div', { class: 'counts' }, this.#count, this.#fold),
    );
  }

  /** Takes over the filter of an address. */
  set({ search, rule, alarm, order, headings, folded, except }: Filter): void {
    if (this.search.value !== search) this.search.value = search;
    if (rule !== undefined && !this.#rule.querySelector(`option[value="${CSS.escape(rule)}"]`)) {
      this.#rule.append(h('option', { value: rule }, rule));
    }
    this.#rule.value = rule ?? '';
    this.#alarm.value = alarm ?? '';
    if (order === 'limit') this.#showOrders(true);
    this.#order.value = order;
    if (headings !== undefined && !this.#headings.querySelector(`option[value="${CSS.escape(headings)}"]`)) {
      this.#headings.append(h('option', { value: headings }, headingText(headings)));
    }
    this.#headings.value = headings ?? '';
    this.#folded = { folded, except };
    this.#fold.hidden = headings === undefined;
    setText(this.#fold, folded === 'all' ? 'Unfold all' : 'Fold all');
  }

  /** The labels that the list can be grouped by. */
  set labels(names: readonly string[]) {
    // An open menu would close if its options were replaced.
    if (names.join() !== this.#labels && document.activeElement !== this.#headings) this.#showLabels(names);
  }

  #showLabels(names: readonly string[]): void {
    this.#labels = names.join();
    const chosen = this.#headings.value;
    const shown = new Set([...names, ...(chosen === '' ? [] : [chosen])]);
    this.#headings.replaceChildren(
      h('option', { value: '' }, 'no headings'),
      ...[...shown].map((name) => h('option', { value: name }, headingText(name))),
    );
    this.#headings.value = chosen;
  }

  show(summary: SummaryJson, shown: number, total: number, groups?: number): void {
    this.#problem.hidden = true;
    setText(this.#count, groups === undefined ? countText(shown, total) : groupsText(groups, total));
    this.#showAlarms(summary);
    this.#showRules(summary);
    // An open menu would close if its options were replaced.
    if (document.activeElement !== this.#order) this.#showOrders(summary.limited !== undefined);
  }

  /** By time to a limit only where a series has one, or where that is chosen. */
  #showOrders(isLimited: boolean): void {
    const chosen = this.#order.value;
    const orders = ORDERS.filter((order) => order !== 'limit' || isLimited || chosen === order);
    if (orders.length === this.#order.options.length) return;
    this.#order.replaceChildren(...orders.map((order) => h('option', { value: order }, ORDER_NAMES[order])));
    if (chosen !== '') this.#order.value = chosen;
  }

  #showAlarms(summary: SummaryJson): void {
    const written = JSON.stringify([summary.kinds, summary.learning, summary.ended]);
    // An open menu would close if its options were replaced.
    if (written === this.#alarms || document.activeElement === this.#alarm) return;
    this.#alarms = written;
    const chosen = this.#alarm.value;
    this.#alarm.replaceChildren(...alarmOptions(summary));
    this.#alarm.value = chosen;
  }

  #showRules({ rules }: SummaryJson): void {
    const written = JSON.stringify(rules);
    if (written === this.#rules || document.activeElement === this.#rule) return;
    this.#rules = written;
    const chosen = this.#rule.value;
    const option = (name: string, text: string) => h('option', { value: name }, text);
    this.#rule.replaceChildren(
      option('', 'all rules'),
      ...rules.map(({ name, series }) => option(name, `${name} (${formatCount(series)})`)),
    );
    if (chosen !== '' && !rules.some(({ name }) => name === chosen)) this.#rule.append(option(chosen, chosen));
    this.#rule.value = chosen;
  }

  /** The server does not understand the filter. */
  showProblem(text: string): void {
    setText(this.#problem, text);
    this.#problem.hidden = false;
  }
}

function alarmOptions(summary: SummaryJson | undefined): HTMLElement[] {
  const counts = new Map<AlarmFilter, number>(summary?.kinds.map(({ kind, anomalous }) => [kind, anomalous]));
  if (summary !== undefined) counts.set('learning', summary.learning).set('ended', summary.ended);
  const text = (filter: AlarmFilter) => {
    const name = filter === 'any' ? 'in alarm' : filter;
    const count = filter === 'any' ? summary?.anomalous : counts.get(filter);
    return count === undefined || count === 0 ? name : `${name} (${formatCount(count)})`;
  };
  return [
    h('option', { value: '' }, 'all series'),
    ...ALARM_FILTERS.map((filter) => h('option', { value: filter }, text(filter))),
  ];
}

function countText(shown: number, total: number): string {
  if (total === 0) return 'No series matches.';
  if (shown === total) return `${formatCount(total)} series`;
  return `the first ${formatCount(shown)} of ${formatCount(total)} series`;
}

function headingText(label: string): string {
  return `by ${label === '__name__' ? 'metric' : label}`;
}

function groupsText(groups: number, total: number): string {
  return `${formatCount(total)} series in ${formatCount(groups)} ${groups === 1 ? 'group' : 'groups'}`;
}
