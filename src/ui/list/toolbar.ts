import type { SummaryJson } from '../../http/api/api.js';
import { h, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';
import { ORDERS, type View } from '../lib/view.js';

type Filter = Pick<View, 'search' | 'rule' | 'order'>;

const ORDER_NAMES: Readonly<Record<View['order'], string>> = { outside: 'worst first', score: 'by score' };
const TYPING_MS = 150;

/** Search, rule and order of the list. */
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
  readonly #order = h('select', {
    'aria-label': 'Order',
    title: 'Worst first: what is outside its interval by score, the rest by name',
  });
  readonly #problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  readonly #count = h('p', { class: 'count', role: 'status' });
  #rules = '';

  constructor(changed: (filter: Filter) => void) {
    const filter = (): Filter => ({
      search: this.search.value,
      rule: this.#rule.value === '' ? undefined : this.#rule.value,
      order: this.#order.value as View['order'],
    });
    let typing: ReturnType<typeof setTimeout> | undefined;
    this.search.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => changed(filter()), TYPING_MS);
    });
    this.#rule.addEventListener('change', () => changed(filter()));
    this.#order.addEventListener('change', () => changed(filter()));
    this.#order.append(...ORDERS.map((order) => h('option', { value: order }, ORDER_NAMES[order])));
    this.element.append(this.search, this.#rule, this.#order, this.#problem, this.#count);
  }

  /** Takes over the filter of an address. */
  set({ search, rule, order }: Filter): void {
    if (this.search.value !== search) this.search.value = search;
    if (rule !== undefined && !this.#rule.querySelector(`option[value="${CSS.escape(rule)}"]`)) {
      this.#rule.append(h('option', { value: rule }, rule));
    }
    this.#rule.value = rule ?? '';
    this.#order.value = order;
  }

  show({ rules }: SummaryJson, shown: number, total: number): void {
    this.#problem.hidden = true;
    setText(this.#count, countText(shown, total));
    const written = JSON.stringify(rules);
    // An open menu would close if its options were replaced.
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

function countText(shown: number, total: number): string {
  if (total === 0) return 'No series matches.';
  if (shown === total) return `${formatCount(total)} series`;
  return `the first ${formatCount(shown)} of ${formatCount(total)} series`;
}
