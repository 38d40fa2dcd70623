import type { WriteStream } from 'node:tty';
import { Presets, SingleBar } from 'cli-progress';

/** Lines between two tables where nothing can be redrawn, for example in a log. */
const PLAIN_INTERVAL_MS = 5_000;

/** What the demo shows: lines that stay, a progress bar, and below them a block of lines that is redrawn in place. */
export class Screen {
  /** Resolves once nobody can see it any more: the terminal is closed, or what reads the pipe has ended. */
  readonly gone: Promise<void>;
  readonly #out: WriteStream;
  #block: readonly string[] = [];
  #plainAtMs = Number.NEGATIVE_INFINITY;

  constructor(out: WriteStream) {
    this.#out = out;
    this.gone = new Promise((resolve) => out.on('error', () => resolve()));
  }

  get isTerminal(): boolean {
    return this.#out.isTTY === true;
  }

  /** How many characters a line has; any number where that is not known. */
  get columns(): number {
    return this.#out.columns ?? Number.POSITIVE_INFINITY;
  }

  /** Puts a line above the block. */
  print(line: string): void {
    this.#draw([line], this.#block);
  }

  /** Leaves the block on the screen: later output is printed below it. */
  leaveBlock(): void {
    this.#block = [];
    // Over the ^C that the terminal shows of a key.
    if (this.isTerminal) this.#out.write('\r\u001b[2K');
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
    this.#draw([], lines);
  }

  #draw(above: readonly string[], block: readonly string[]): void {
    const up = this.#block.length > 0 ? `\u001b[${this.#block.length}A\u001b[J` : '';
    // Lines are cut to the width of the terminal: a wrapped one would spoil the count of lines to go up.
    const fitted = block.map((line) => cut(line, this.columns));
    this.#out.write(`${up}${[...above, ...fitted].map((line) => `${line}\n`).join('')}`);
    this.#block = block;
  }
}

function cut(line: string, columns: number): string {
  if (line.length <= columns) return line;
  return `${line.slice(0, columns - 1)}${line.includes('\u001b') ? '\u001b[0m' : ''}`;
}
