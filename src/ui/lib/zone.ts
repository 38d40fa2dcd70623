import { readChoice, writeChoice } from './choice.js';
import { h, setAttribute, setText } from './dom.js';

const KEY = 'sentio-zone';

let utc = readChoice(KEY) === 'utc';

/** Whether times are shown in UTC instead of the reader's zone. */
export function isUtc(): boolean {
  return utc;
}

/** A button that changes between the reader's zone and UTC; `changed` is called when it did. */
export function zoneButton(changed: () => void): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'quiet', title: 'Times in UTC, or in the zone of this browser' });
  const show = () => {
    setText(button, utc ? 'UTC' : 'Local time');
    setAttribute(button, 'aria-pressed', String(utc));
  };
  button.addEventListener('click', () => {
    utc = !utc;
    writeChoice(KEY, utc ? 'utc' : 'local');
    show();
    changed();
  });
  show();
  return button;
}
