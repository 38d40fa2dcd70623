import type { ExplanationJson } from '../../http/api/json/explanation.js';
import { type Client, problemText, Unreachable } from '../lib/client.js';
import { Poller } from '../lib/poller.js';
import type { View } from '../lib/view.js';
import type { Why } from './why.js';

/** A step that is over changes no more, but its incident may go on. */
const INTERVAL_MS = 15_000;

/** Asks why, for as long as the address names a step, and shows the answer in the panel. */
export class Explainer {
  readonly #panel: Why;
  readonly #poller: Poller<ExplanationJson>;
  #series = '';
  #time: number | undefined;
  /** Whether the reader has just asked, and is to see the answer. */
  #isToReveal = false;

  constructor(client: Client, panel: Why) {
    this.#panel = panel;
    this.#poller = new Poller({
      ask: (signal) => client.explanation(this.#series, this.#time!, signal),
      answered: (explanation) => {
        panel.show(explanation, client.now());
        this.#reveal();
      },
      failed: (error) => {
        // The list says it where nobody answers.
        if (error instanceof Unreachable) return;
        panel.showProblem(problemText(error));
        this.#reveal();
      },
      intervalMs: () => INTERVAL_MS,
    });
  }

  /** Takes over what the page shows, of which series; undefined: none is known yet. */
  follow({ why }: View, series: string | undefined): void {
    const time = series === undefined ? undefined : why;
    if (time === this.#time && (series ?? '') === this.#series) return;
    this.#time = time;
    this.#series = series ?? '';
    if (time === undefined) {
      this.#poller.stop();
      this.#panel.clear();
    } else {
      this.#panel.asking();
      this.#poller.askNow();
    }
  }

  /** Asks about the same step again, because what is known of it has changed. */
  askAgain(): void {
    if (this.#time !== undefined) this.#poller.askNow();
  }

  /** Brings the panel into sight: as it is, or, while a step is asked about, once that is known. */
  revealSoon(): void {
    this.#isToReveal = true;
    if (!this.#panel.isAsking) this.#reveal();
  }

  #reveal(): void {
    if (this.#isToReveal) this.#panel.element.scrollIntoView({ block: 'nearest' });
    this.#isToReveal = false;
  }
}
