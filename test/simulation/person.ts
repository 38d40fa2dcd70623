import { HOUR } from '../fixtures.js';
import type { Random } from '../ordinary-days/random.js';
import type { SimulatedClock } from './clock.js';
import type { SentioProcess } from './sentio-process.js';

const MEAN_PAUSE_MS = 3 * HOUR;
/** Matches no series: what it excludes changes nothing else. */
const MATCH = '{job="of nobody"}';

/**
 * Somebody who adds exclusions and deletes some of them, whatever goes wrong meanwhile. What was answered with success is to be
 * there after any restart.
 */
export class Person {
  readonly #clock: SimulatedClock;
  readonly #random: Random;
  readonly #process: SentioProcess;
  readonly #violations: string[];
  /** Ids whose request was answered: those that are to be there, and those that are not. */
  readonly #there = new Set<string>();
  readonly #gone = new Set<string>();

  constructor(options: { clock: SimulatedClock; random: Random; process: SentioProcess; violations: string[] }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#process = options.process;
    this.#violations = options.violations;
  }

  /** How many exclusions were added. */
  get added(): number {
    return this.#there.size + this.#gone.size;
  }

  start(endMs: number): void {
    const pauseMs = -Math.log(1 - this.#random.uniform()) * MEAN_PAUSE_MS;
    if (this.#clock.nowMs + pauseMs > endMs) return;
    this.#clock.in(pauseMs, () => {
      void this.#act().catch(() => {
        // Without an answer nothing is known.
      });
      this.start(endMs);
    });
  }

  /** The file could not be read and was set aside, as the log says. */
  lostFile(): void {
    this.#there.clear();
  }

  /** Holds what was answered, where Sentio answers now. */
  async check(): Promise<void> {
    if (!this.#process.isListening) return;
    const answer = await this.#process.ask('GET', '/api/v1/exclusions').catch(() => undefined);
    // It is being stopped.
    if (answer?.status !== 200) return;
    const listed = new Set((JSON.parse(answer.body) as { data: { id: string }[] }).data.map(({ id }) => id));
    for (const id of this.#there) if (!listed.has(id)) this.#violations.push(`the exclusion ${id} was lost`);
    for (const id of this.#gone) if (listed.has(id)) this.#violations.push(`the deleted exclusion ${id} is back`);
  }

  async #act(): Promise<void> {
    const [oldest] = this.#there;
    if (oldest !== undefined && this.#random.uniform() < 0.4) {
      // In doubt until it is answered.
      this.#there.delete(oldest);
      const { status } = await this.#process.ask('DELETE', `/api/v1/exclusions/${oldest}`);
      if (status === 200) this.#gone.add(oldest);
      else this.#there.add(oldest);
      return;
    }
    const end = (this.#clock.nowMs + this.#clock.offsetMs + HOUR) / 1000;
    const { status, body } = await this.#process.ask('POST', '/api/v1/exclusions', {
      match: [MATCH],
      kind: 'maintenance',
      end,
    });
    if (status === 201) this.#there.add((JSON.parse(body) as { data: { id: string } }).data.id);
  }
}
