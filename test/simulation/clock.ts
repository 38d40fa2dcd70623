import filesPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';

/** Something that happens at its time. Those of one time happen in the order in which they were planned. */
interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly owner: object | undefined;
  /** A process does not stay for it. */
  isUnref: boolean;
  run: (() => void) | undefined;
}

/** The real one, before anything is replaced. */
const realImmediate = setImmediate;

/**
 * Time that passes only where nothing is left to do in it. While it is installed, timers, `Date.now`, `performance.now` and
 * `Math.random` of everything in this process are its own: what runs here runs the same way at each run.
 */
export class SimulatedClock {
  /** The true time of day, in Unix milliseconds. */
  nowMs: number;
  /** How far the clock of the simulated machine is from it. */
  offsetMs = 0;
  /** To whom the timers belong that are set from now on; they are forgotten when it is killed. */
  owner: object | undefined;
  readonly #random: () => number;
  readonly #heap: Planned[] = [];
  readonly #killed = new WeakSet<object>();
  #order = 0;
  #cpuMs = 0;

  constructor(startMs: number, random: () => number) {
    this.nowMs = startMs;
    this.#random = random;
  }

  /** Replaces the timers of this process; what is returned puts the real ones back. */
  install(): () => void {
    const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate };
    const realDateNow = Date.now;
    const realRandom = Math.random;
    const realPerformanceNow = performance.now;
    const realSleep = timersPromises.setTimeout;
    const realReadFile = filesPromises.readFile;
    const clear = (timer?: unknown) => (timer as SimulatedTimer | undefined)?.cancel?.();
    Object.assign(globalThis, {
      setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        new SimulatedTimer(this, () => run(...args), ms, false),
      setInterval: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        new SimulatedTimer(this, () => run(...args), ms, true),
      setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
        new SimulatedTimer(this, () => run(...args), 0, false),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    });
    Date.now = () => Math.floor(this.nowMs + this.offsetMs);
    Math.random = this.#random;
    // Work takes time of the processor: slices end at other places at each seed.
    performance.now = () => {
      this.#cpuMs += this.#random() ** 4 * 4;
      return this.nowMs + this.#cpuMs;
    };
    timersPromises.setTimeout = ((ms: number, value: unknown, options: { signal?: AbortSignal } = {}) =>
      this.#sleepUnlessAborted(ms, value, options.signal)) as typeof timersPromises.setTimeout;
    // The page is not built on the simulated machine: a real file comes when it comes.
    filesPromises.readFile = async () => {
      throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    };
    syncBuiltinESMExports();
    return () => {
      Object.assign(globalThis, real);
      Date.now = realDateNow;
      Math.random = realRandom;
      performance.now = realPerformanceNow;
      timersPromises.setTimeout = realSleep;
      filesPromises.readFile = realReadFile;
      syncBuiltinESMExports();
    };
  }

  /** Has `run` happen in `ms`, unless its owner is killed before; without an owner it is part of the world. */
  in(ms: number, run: () => void, owner?: object): Planned {
    const isKilled = owner !== undefined && this.#killed.has(owner);
    const planned = {
      atMs: this.nowMs + Math.max(0, ms),
      order: this.#order++,
      owner,
      isUnref: false,
      run: isKilled ? undefined : run,
    };
    if (!isKilled) this.#push(planned);
    return planned;
  }

  async sleep(ms: number, owner?: object): Promise<void> {
    await new Promise<void>((resolve) => void this.in(ms, resolve, owner));
  }

  /** Forgets all that its owner waits for, now and later. */
  kill(owner: object): void {
    this.#killed.add(owner);
    for (const planned of this.#heap) if (planned.owner === owner) planned.run = undefined;
  }

  /** What keeps a process alive that has stopped: timers of its own that are still to come. */
  pendingTimers(owner: object): number {
    return this.#heap.filter((planned) => planned.owner === owner && planned.run !== undefined && !planned.isUnref)
      .length;
  }

  /** Lets time pass until `untilMs`. */
  async run(untilMs: number): Promise<void> {
    for (;;) {
      await settled();
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      next.run = undefined;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      run();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #sleepUnlessAborted(ms: number, value: unknown, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const aborted = () => {
        planned.run = undefined;
        reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError', cause: signal?.reason }));
      };
      const planned = this.in(
        ms,
        () => {
          signal?.removeEventListener('abort', aborted);
          resolve(value);
        },
        this.owner,
      );
      if (signal?.aborted) aborted();
      else signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

/** What `setTimeout` and its like return, with what Node.js has on it. */
class SimulatedTimer {
  readonly #clock: SimulatedClock;
  readonly #run: () => void;
  readonly #ms: number;
  readonly #repeats: boolean;
  readonly #owner: object | undefined;
  #planned: Planned;
  #isUnref = false;

  constructor(clock: SimulatedClock, run: () => void, ms: number, repeats: boolean) {
    this.#clock = clock;
    this.#run = run;
    // As Node.js reads it: what is no number, or out of range, is 1.
    this.#ms = ms >= 1 && ms < 2 ** 31 ? ms : 1;
    this.#repeats = repeats;
    this.#owner = clock.owner;
    this.#planned = this.#plan();
  }

  cancel(): void {
    this.#planned.run = undefined;
  }

  refresh(): this {
    this.cancel();
    this.#planned = this.#plan();
    return this;
  }

  unref(): this {
    this.#isUnref = true;
    this.#planned.isUnref = true;
    return this;
  }

  ref(): this {
    this.#isUnref = false;
    this.#planned.isUnref = false;
    return this;
  }

  /** As in Node.js, not once it has run or was cleared. */
  hasRef(): boolean {
    return !this.#isUnref && this.#planned.run !== undefined;
  }

  #plan(): Planned {
    const planned = this.#clock.in(
      this.#ms,
      () => {
        if (this.#repeats) this.#planned = this.#plan();
        this.#run();
      },
      this.#owner,
    );
    planned.isUnref = this.#isUnref;
    return planned;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Lets every promise and `process.nextTick` that can go on do so. */
async function settled(): Promise<void> {
  await new Promise((resolve) => realImmediate(resolve));
}
