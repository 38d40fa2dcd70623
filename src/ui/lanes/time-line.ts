import type { AlarmsAnswer } from '../../http/api/json/alarms.js';
import { h, setAttribute, setText } from '../lib/dom.js';
import { formatCount } from '../lib/format.js';
import { localDayTime } from '../lib/times.js';
import type { LaneSpan, TimeWindow, View } from '../lib/view.js';
import { Brush } from './brush.js';
import { Lane } from './lane.js';

const SPANS: readonly (readonly [LaneSpan, string])[] = [
  ['day', '1d'],
  ['week', '7d'],
  ['none', 'Hide'],
];

export interface TimeLineEvents {
  readonly spanChosen: (span: LaneSpan) => void;
  readonly groupChosen: (group: string) => void;
  /** A lane was clicked: its series alone are to be listed. */
  readonly laneChosen: (name: string) => void;
  readonly windowChosen: (window: TimeWindow | undefined) => void;
}

/** The alarms of the last day or week in lanes, a lane for each rule, kind or value of a label; a drag lists those of a window. */
export class TimeLine {
  readonly element = h('section', { class: 'time-line', 'aria-label': 'Alarms over time' });
  readonly #group = h('select', { 'aria-label': 'Group by' });
  readonly #spans: readonly (readonly [LaneSpan, HTMLButtonElement])[];
  readonly #said = h('p', { class: 'lanes-said', role: 'status' });
  readonly #window: HTMLButtonElement;
  readonly #lanes = h('div', { class: 'lanes' });
  readonly #rows = h('div', { class: 'lane-rows' });
  readonly #axis = h('div', { class: 'lane-axis', 'aria-hidden': 'true' });
  readonly #brush: Brush;
  readonly #events: TimeLineEvents;
  readonly #pool: Lane[] = [];
  #labels = '';
  #view: View | undefined;
  #answer: AlarmsAnswer | undefined;

  constructor(events: TimeLineEvents) {
    this.#events = events;
    this.#brush = new Brush(events.windowChosen);
    this.#spans = SPANS.map(([span, text]) => [
      span,
      h('button', { type: 'button', click: () => events.spanChosen(span) }, text),
    ]);
    this.#window = h('button', {
      type: 'button',
      class: 'live',
      hidden: true,
      click: () => events.windowChosen(undefined),
    });
    this.#group.addEventListener('change', () => events.groupChosen(this.#group.value));
    // What scrolls holds both, so that the brush lies over all lanes and the axis stays in sight.
    const scrolled = h(
      'div',
      { class: 'lanes-scrolled' },
      h('div', { class: 'lanes-rows' }, this.#rows, this.#brush.element),
    );
    this.#lanes.append(scrolled, this.#axis);
    this.element.append(
      h(
        'div',
        { class: 'lanes-bar' },
        h('span', { class: 'choices-title' }, 'Alarms by'),
        this.#group,
        h(
          'div',
          { class: 'choices', role: 'group', 'aria-label': 'Time line' },
          ...this.#spans.map(([, button]) => button),
        ),
        this.#said,
        this.#window,
      ),
      this.#lanes,
    );
    this.#showGroups([]);
  }

  /** Takes over what the page shows. */
  set view(view: View) {
    this.#view = view;
    this.#lanes.hidden = view.lanes === 'none';
    for (const [span, button] of this.#spans) setAttribute(button, 'aria-pressed', String(span === view.lanes));
    if (!this.#group.querySelector(`option[value="${CSS.escape(view.group)}"]`)) {
      this.#group.append(h('option', { value: view.group }, groupText(view.group)));
    }
    this.#group.value = view.group;
    this.#window.hidden = view.window === undefined;
    if (view.window !== undefined) {
      setText(this.#window, `${localDayTime(view.window.start)} – ${localDayTime(view.window.end)} ✕`);
      setAttribute(this.#window, 'aria-label', 'Take the window of time away');
    }
    this.#draw();
  }

  /** The labels that series can be grouped by. */
  set labels(names: readonly string[]) {
    const written = names.join();
    // An open menu would close if its options were replaced.
    if (written !== this.#labels && document.activeElement !== this.#group) this.#showGroups(names);
  }

  show(answer: AlarmsAnswer): void {
    this.#answer = answer;
    this.#draw();
  }

  #showGroups(names: readonly string[]): void {
    this.#labels = names.join();
    const chosen = this.#view?.group ?? 'rule';
    const groups = new Set(['rule', 'kind', ...names.map((name) => `label:${name}`), chosen]);
    this.#group.replaceChildren(...[...groups].map((group) => h('option', { value: group }, groupText(group))));
    this.#group.value = chosen;
  }

  #draw(): void {
    if (this.#answer === undefined || this.#view === undefined) return;
    const { start, step, data, total } = this.#answer;
    const end = start + step * (data[0]?.counts.length ?? 1);
    let max = 1;
    for (const { counts } of data) for (const count of counts) max = Math.max(max, count);
    while (this.#pool.length < data.length) {
      const lane = new Lane((name) => this.#events.laneChosen(name));
      this.#pool.push(lane);
      this.#rows.append(lane.element);
    }
    for (const [i, lane] of this.#pool.entries()) {
      lane.element.hidden = i >= data.length;
      if (data[i] !== undefined) lane.show(data[i], max);
    }
    this.#brush.show({ start, end }, this.#view.window);
    const alarms = data.reduce((sum, lane) => sum + lane.alarms, 0);
    const more = total > data.length ? `, the ${data.length} busiest of ${formatCount(total)} groups` : '';
    setText(
      this.#said,
      `${alarms === 0 ? 'no alarm' : alarms === 1 ? '1 alarm' : `${formatCount(alarms)} alarms`}${more}`,
    );
    const minute = (time: number) => localDayTime(time).slice(0, -3);
    const marks = [0, 1 / 3, 2 / 3, 1].map((share) => h('span', {}, minute(start + share * (end - start))));
    this.#axis.replaceChildren(...marks);
  }
}

function groupText(group: string): string {
  return group === 'label:__name__' ? 'metric' : group.replace('label:', '');
}
