import type { SimulatedClock } from './clock.js';
import { configuration, FIRST_VARIATION, type Variation } from './configuration.js';
import type { SentioProcess } from './sentio-process.js';

const RESTART_MS = 10_000;

/** Keeps a Sentio running as systemd or Kubernetes does, unless it was stopped or killed for a while. */
export class SentioSupervisor {
  readonly process: SentioProcess;
  readonly #clock: SimulatedClock;
  readonly #hasFuture: boolean;
  /** Of those who hold it down; one that was held down twice comes up when both are over. */
  #heldDown = 0;
  #isStarting = false;
  #isStopping = false;

  constructor(process: SentioProcess, clock: SimulatedClock, { hasFuture }: { hasFuture: boolean }) {
    this.process = process;
    this.#clock = clock;
    this.#hasFuture = hasFuture;
    this.process.config = configuration(FIRST_VARIATION, { hasFuture });
  }

  kill(): void {
    this.#heldDown++;
    this.#isStarting = false;
    this.#isStopping = false;
    this.process.kill();
  }

  stop(): void {
    this.#heldDown++;
    if (this.#isStopping) return;
    // Whoever is told to stop while it starts ends at once.
    if (!this.process.isListening) {
      this.#isStarting = false;
      this.process.kill();
      return;
    }
    this.#isStopping = true;
    void this.process.stop().then(() => {
      this.#isStopping = false;
      this.#startUnlessDown();
    });
  }

  /** Lets it up again after `kill` or `stop`, or has it start for the first time. */
  start(): void {
    this.#heldDown = Math.max(0, this.#heldDown - 1);
    this.#startUnlessDown();
  }

  configure(variation: Variation): void {
    this.process.config = configuration(variation, { hasFuture: this.#hasFuture });
    if (this.process.isListening && !this.#isStopping) this.process.reload();
  }

  #startUnlessDown(): void {
    if (this.#heldDown > 0 || this.#isStarting || this.process.service !== undefined) return;
    this.#isStarting = true;
    this.process.start().then(
      () => {
        this.#isStarting = false;
      },
      () => {
        // As after an exit with 1.
        this.process.kill();
        this.#isStarting = false;
        this.#clock.in(RESTART_MS, () => this.#startUnlessDown());
      },
    );
  }
}
