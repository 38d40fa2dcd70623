import { h, setText } from '../lib/dom.js';
import type { Snippet } from '../lib/promql.js';

const THANKS_MS = 1500;

/** A snippet with its title and a button that copies it. */
export function copyable({ title, text }: Snippet): HTMLElement {
  const code = h('code', { tabindex: '0' }, text);
  return h(
    'div',
    { class: 'snippet' },
    h('span', { class: 'snippet-title' }, title),
    h('pre', {}, code),
    copyButton(text, title),
  );
}

/** A button that copies `text`; `what` is for readers who cannot see what is beside it. */
export function copyButton(text: string, what: string, label = 'Copy'): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': `Copy: ${what}` }, label);
  button.addEventListener('click', async () => {
    setText(button, (await copy(text)) ? 'Copied' : 'Press Ctrl+C');
    setTimeout(() => setText(button, label), THANKS_MS);
  });
  return button;
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain HTTP there is no clipboard but on localhost; the old way works everywhere.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = h('textarea', { class: 'off-screen', 'aria-hidden': 'true' });
  const focused = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
