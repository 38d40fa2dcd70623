import { readChoice, writeChoice } from './choice.js';
import { h } from './dom.js';

const KEY = 'sentio-theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐ Auto', light: '○ Light', dark: '● Dark' };

/**
 * A button that goes through the system's own scheme, light and dark. `changed` is called whenever the colours change.
 */
export function themeButton(changed: () => void): HTMLButtonElement {
  let theme: Theme = THEMES.find((each) => each === readChoice(KEY)) ?? 'system';
  const button = h('button', { type: 'button', class: 'quiet' });
  const apply = () => {
    // The style sheet does the rest: its colours are pairs of light and dark.
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = SIGNS[theme];
    button.setAttribute('aria-label', `Theme: ${theme}`);
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
    writeChoice(KEY, theme);
    apply();
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply();
  return button;
}
