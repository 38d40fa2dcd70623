/**
 * From now on the clock of this thread runs `pace` times as fast: `Date.now()`, and with it the time after which
 * `setTimeout` calls back. `performance.now()` stays as it is. Returns a sleep by the clock that is fast now.
 */
export function speedUpClock(pace: number): (ms: number) => Promise<void> {
  const realNow = Date.now;
  const realSetTimeout = globalThis.setTimeout;
  const startMs = realNow();
  Date.now = () => Math.floor(startMs + (realNow() - startMs) * pace);
  const fast = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    realSetTimeout(callback, ms / pace, ...args);
  globalThis.setTimeout = Object.assign(fast, realSetTimeout) as typeof setTimeout;
  return (ms) => new Promise((resolve) => realSetTimeout(resolve, Math.max(0, ms) / pace));
}
