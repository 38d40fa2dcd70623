import { createHash } from 'node:crypto';
import { type Run, SentTimes } from './sent-times.js';

const VERSION = 1;
/** Addresses that are remembered, also after a reload took them away. */
const MAX_ADDRESSES = 100;

/** When each target was sent what it may have kept; lasts over reloads, and with `save` and `restore` over restarts. */
export class SentTimesByTarget {
  /** By the digest of the address, which may have secrets; the one that was asked for last is last. */
  readonly #byAddress = new Map<string, SentTimes>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  of(url: string): SentTimes {
    const key = createHash('sha256').update(url).digest('hex');
    const sent = this.#byAddress.get(key) ?? new SentTimes();
    this.#keep(key, sent);
    return sent;
  }

  /** All of them, in pieces of UTF-8. */
  *save(): Iterable<Uint8Array> {
    const targets = [...this.#byAddress].map(([address, sent]) => ({ address, runs: sent.runs }));
    yield Buffer.from(`${JSON.stringify({ version: VERSION, targets })}\n`);
  }

  /** Takes in what `save` gave, before anything is sent. Throws, with nothing restored, for anything else. */
  restore(text: string): void {
    const { version, targets } = JSON.parse(text) as { version: unknown; targets: { address: string; runs: Run[] }[] };
    if (version !== VERSION || !Array.isArray(targets)) throw new Error('it is no list of targets of this version');
    for (const { address, runs } of targets) {
      if (typeof address !== 'string' || !Array.isArray(runs) || !runs.every(isRun)) throw new Error('it has no times');
    }
    const nowMs = this.#now();
    for (const { address, runs } of targets) {
      const sent = this.#byAddress.get(address) ?? new SentTimes();
      sent.restore(runs, nowMs);
      this.#keep(address, sent);
    }
  }

  #keep(key: string, sent: SentTimes): void {
    this.#byAddress.delete(key);
    this.#byAddress.set(key, sent);
    if (this.#byAddress.size > MAX_ADDRESSES) this.#byAddress.delete(this.#byAddress.keys().next().value!);
  }
}

function isRun(run: Partial<Run> | null): boolean {
  return Number.isFinite(run?.fromMs) && Number.isFinite(run?.toMs) && run!.fromMs! <= run!.toMs!;
}
