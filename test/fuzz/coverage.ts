import { type Profiler, Session } from 'node:inspector/promises';

/** Which characters of the files under test have ever run, as V8 itself notes it: nothing is instrumented. */
export class Coverage {
  readonly #session = new Session();
  /** By file: 1 where a character has run. */
  readonly #covered = new Map<string, Uint8Array>();
  readonly #isTested: (url: string) => boolean;

  /** `isTested` chooses files by their URL. */
  constructor(isTested: (url: string) => boolean) {
    this.#isTested = isTested;
  }

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Whether something has run since the last call that had not before; with `remember` it is known from then on. */
  async hasNews(remember: boolean): Promise<boolean> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    let isNew = false;
    for (const { url, functions } of result) {
      if (!this.#isTested(url)) continue;
      const ran = ranOf(functions);
      const covered = this.#coveredOf(url, ran.length);
      for (let at = 0; at < ran.length; at++) {
        if (ran[at] === 0 || covered[at] === 1) continue;
        isNew = true;
        if (!remember) break;
        covered[at] = 1;
      }
    }
    return isNew;
  }

  /** Characters that have ever run. */
  get size(): number {
    let size = 0;
    for (const covered of this.#covered.values()) for (const one of covered) size += one;
    return size;
  }

  stop(): void {
    this.#session.disconnect();
  }

  #coveredOf(url: string, length: number): Uint8Array {
    const known = this.#covered.get(url) ?? new Uint8Array(0);
    if (known.length >= length) return known;
    const longer = new Uint8Array(length);
    longer.set(known);
    this.#covered.set(url, longer);
    return longer;
  }
}

/** A block that runs as often as the one around it has no range of its own, so ranges are painted over one another, outer ones first. */
function ranOf(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const end = Math.max(0, ...functions.map(({ ranges }) => ranges[0]!.endOffset));
  const ran = new Uint8Array(end);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return ran;
}
