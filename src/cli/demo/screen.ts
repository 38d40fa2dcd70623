import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';

/** Lines between two tables where nothing can be redrawn, for example in a log. */
const PLAIN_INTERVAL_MS = 5_000;

/** What the demo shows: lines that stay, a progress bar, and at the end a block of lines that is redrawn in place. */
export class Screen {
  readonly #out: WriteStream;
  #drawn = 0;
  #plainAtMs = Number.NEGATIVE_INFINITY;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  print(line: string): void {
    this.#drawn = 0;
    this.#out.write(`${line}\n`);
  }

  progress(title: string, total: number): { update(value: number): void; stop(): void } {
    if (!this.isTerminal) {
      this.print(title);
      return { update: () => {}, stop: () => {} };
    }
    const bar = new SingleBar(
      { format: `${title} [{bar}] {percentage}%`, stream: this.#out, hideCursor: true },
      Presets.rect,
    );
    bar.start(total, 0);
    return {
      update: (value) => bar.update(value),
      stop: () => {
        bar.update(total);
        bar.stop();
      },
    };
  }

  /** Draws the block over the last one; without a terminal, prints it now and then. */
  redraw(lines: readonly string[]): void {
    if (!this.isTerminal) {
      if (performance.now() - this.#plainAtMs < PLAIN_INTERVAL_MS) return;
      this.#plainAtMs = performance.now();
      this.#out.write(`${lines.join('\n')}\n\n`);
      return;
    }
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : '';
    // Lines are cut to the width of the terminal: a wrapped one would spoil the count of lines to go up.
    const fitted = lines.map((line) => `\u001b[2K${cut(line, this.#out.columns)}`);
    this.#out.write(`${up}${fitted.join('\n')}\n\u001b[J`);
    this.#drawn = lines.length;
  }
}

function cut(line: string, columns: number): string {
  if (line.length <= columns) return line;
  return `${line.slice(0, columns - 1)}${line.includes('\u001b') ? '\u001b[0m' : ''}`;
}
