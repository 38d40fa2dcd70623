/** Numbers that are the same at every run with one seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
    // Neighbouring seeds begin alike without it.
    for (let i = 0; i < 8; i++) this.uniform();
  }

  /** Uniform in [0, 1) (mulberry32). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  poisson(mean: number): number {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const wanted = this.uniform();
    let term = Math.exp(-mean);
    let sum = term;
    let count = 0;
    while (wanted > sum && count < 500) {
      count++;
      term *= mean / count;
      sum += term;
    }
    return count;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Evenly on a logarithmic scale. */
  scale(low: number, high: number): number {
    return low * (high / low) ** this.uniform();
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.uniform() * items.length)]!;
  }
}
