import { h } from './dom.js';

const KEY = 'sentio-theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐ Auto', light: '○ Light', dark: '● Dark' };

/**
 * A button that goes through the system's own scheme, light and dark. `changed` is called whenever the colours change.
 */
export function themeButton(changed: () => void): HTMLButtonElement {
  let theme = readTheme();
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
    writeTheme(theme);
    apply();
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply();
  return button;
}

/** A browser may forbid storage; then the choice lasts as long as the page. */
function readTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

function writeTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // See readTheme.
  }
}
