import { EXCLUSION_KINDS } from './detail/exclusion-kinds.js';
import { h } from './lib/dom.js';

const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  [
    'alarm',
    'The score of a step is over 1: it is rarer for this series than about once a week, or as anomaly.false_alarms of its rule says.',
  ],
  [
    'score',
    'How far the value is from what is expected, and how far it jumped, compared with the rarest of what this series usually does. Over 1 is an alarm; the scale of what is below is the same for all series.',
  ],
  ['expected', 'What the model, Prophet, says the value should be at this time: the trend and what each season adds.'],
  [
    'interval',
    'The range that is meant to hold a share of all steps, 99% unless a rule says otherwise. A value outside is not yet an alarm.',
  ],
  [
    'step',
    'The time over which samples become one value, as a rule sets it. A step is scored once, a few seconds after its end; until then it is open.',
  ],
  ['rule', 'The entry of sentio.yml that tracks the series: its step, history, horizon and what counts as an alarm.'],
  ['learning', 'A series without a model: forecasts begin with its tenth step.'],
  ['ended', 'A series whose samples stopped, or whose sender ended it.'],
  ['calming down', 'The alarm is over, and the steps since then, or the last hours on average, were still unusual.'],
  [
    'level',
    'What the series is about. A new one that stays for two hours becomes what is expected; that is a level shift.',
  ],
  [
    'try settings',
    'Replays the last days with other settings of a rule, and says which alarms would go, stay and come. Nothing is changed by it.',
  ],
  [
    'excluded',
    'A time that a rule or a reader took out: a grey band in the chart. Special days of the calendar are violet.',
  ],
  ...EXCLUSION_KINDS.map(
    ({ name, effect }) => [name.toLowerCase(), `Said of a time by “Exclude a time”. ${effect}`] as const,
  ),
  ['value', 'Kind of alarm: the value is unusually far from what is expected.'],
  ['jump', 'Kind of alarm: it changed unusually much from one step to the next.'],
  ['stuck', 'Kind of alarm: it does not move as it usually does.'],
  ['drift', 'Kind of alarm: it has been moving away from the level of a week ago, a little every day.'],
  ['missing', 'Kind of alarm: something that usually comes at this time did not come.'],
  ['rate', 'Kind of alarm: its events come more often than usual.'],
  ['limit', 'Kind of alarm: the value is beyond the limits or the bounds of its rule.'],
];

const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ['/', 'search'],
  ['↑ ↓', 'from series to series; Enter on a heading folds it'],
  ['?', 'this help'],
  ['← → in the chart', 'from value to value; Enter explains one, + − zoom, 0 goes back'],
  ['← → in the time line', 'move a window of time; with Shift make it longer or shorter, Escape takes it away'],
];

/** What the words of the page mean, and its keys; opened by `?`. */
export function helpDialog(): HTMLDialogElement {
  const list = (entries: readonly (readonly [string, string])[]) =>
    h('dl', {}, ...entries.flatMap(([name, meaning]) => [h('dt', {}, name), h('dd', {}, meaning)]));
  const dialog = h('dialog', { class: 'help', 'aria-labelledby': 'help-title' });
  dialog.append(
    h('h2', { id: 'help-title' }, 'Words and keys'),
    list(TERMS),
    h('h3', {}, 'Keys'),
    list(KEYS),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')),
  );
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}
