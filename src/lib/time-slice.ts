/** How long a long piece of work may hold the event loop before it lets requests in. */
const SLICE_MS = 10;

/** Cuts a long piece of work into slices that leave the event loop free in between. */
export class TimeSlice {
  #endMs = performance.now() + SLICE_MS;

  /** Whether it is time to `pause`. */
  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  /** Lets everything else that is due run first. */
  async pause(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#endMs = performance.now() + SLICE_MS;
  }
}
