import { readChoice, writeChoice } from './choice.js';
import { h, setAttribute } from './dom.js';

const KEY = 'sentio-zone';
/** The reader's own, UTC, or that of the rule whose series is shown, by which its days and seasons are. */
const CHOICES = ['local', 'utc', 'rule'] as const;
type ZoneChoice = (typeof CHOICES)[number];

let choice: ZoneChoice = CHOICES.find((one) => one === readChoice(KEY)) ?? 'local';
let ruleZone = 'UTC';

/** The IANA name of the zone in which times are shown. */
export function shownZone(): string {
  if (choice === 'utc') return 'UTC';
  return choice === 'rule' ? ruleZone : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Takes over the zone of the series that is shown. Returns whether times are shown in another zone than before. */
export function setRuleZone(name: string): boolean {
  const before = shownZone();
  // A browser may know fewer zones than the server.
  ruleZone = isKnown(name) ? name : 'UTC';
  return shownZone() !== before;
}

export function chooseZone(chosen: ZoneChoice): void {
  choice = chosen;
}

/** Where the reader chooses the zone; `changed` is called when another one is shown. */
export function zoneSelect(changed: () => void): { readonly element: HTMLSelectElement; readonly update: () => void } {
  const titles = { local: 'Local time', utc: 'UTC', rule: 'Rule’s zone' } as const;
  const options = CHOICES.map((one) => h('option', { value: one }, titles[one]));
  const element = h('select', { class: 'zone', 'aria-label': 'Zone of times' }, ...options);
  const update = () => {
    element.value = choice;
    setAttribute(element, 'title', `Times are shown in ${shownZone()}; the series’ rule has ${ruleZone}`);
  };
  element.addEventListener('change', () => {
    chooseZone(CHOICES.find((one) => one === element.value) ?? 'local');
    writeChoice(KEY, choice);
    update();
    changed();
  });
  update();
  return { element, update };
}

function isKnown(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
