/** What a reader chose in this browser; undefined where nothing was, or where the browser forbids storage. */
export function readChoice(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a choice; where the browser forbids that, it lasts as long as the page. */
export function writeChoice(key: string, choice: string): void {
  try {
    localStorage.setItem(key, choice);
  } catch {
    // Nothing else depends on it.
  }
}
