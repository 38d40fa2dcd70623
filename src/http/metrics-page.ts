import type { Registry } from 'prom-client';
import { TimeSlice } from '../lib/time-slice.js';

/**
 * Renders the metrics of a registry, once at a time: who asks meanwhile gets the same text. It begins after the requests of
 * this turn of the event loop, and lets others in between two metrics.
 */
export class MetricsPage {
  readonly #registry: Registry;
  #rendering: Promise<Buffer> | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text in UTF-8; shared, so not to be changed. */
  render(): Promise<Buffer> {
    this.#rendering ??= this.#render().finally(() => {
      this.#rendering = undefined;
    });
    return this.#rendering;
  }

  async #render(): Promise<Buffer> {
    const slice = new TimeSlice();
    await slice.pause();
    const texts: string[] = [];
    for (const { name } of this.#registry.getMetricsAsArray()) {
      texts.push(await this.#registry.getSingleMetricAsString(name));
      if (slice.isOver) await slice.pause();
    }
    return Buffer.from(`${texts.join('\n\n')}\n`);
  }
}
