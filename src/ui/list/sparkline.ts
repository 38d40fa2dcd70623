import type { SparklineJson } from '../../http/api/json/series.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 72;
const HEIGHT = 34;

/** The last hours of a series with its interval, as a small picture that is used again for other series. */
export class Sparkline {
  readonly element = document.createElementNS(SVG, 'svg');
  readonly #interval = document.createElementNS(SVG, 'path');
  readonly #line = document.createElementNS(SVG, 'path');
  #shown: SparklineJson | undefined;

  constructor() {
    this.element.setAttribute('class', 'sparkline');
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    // The row says it in words.
    this.element.setAttribute('aria-hidden', 'true');
    this.#interval.setAttribute('class', 'sparkline-interval');
    this.#line.setAttribute('class', 'sparkline-line');
    this.element.append(this.#interval, this.#line);
  }

  show(data: SparklineJson | undefined): void {
    if (data === this.#shown) return;
    this.#shown = data;
    const { line, interval } = data === undefined ? { line: '', interval: '' } : sparklinePaths(data, WIDTH, HEIGHT);
    this.#line.setAttribute('d', line);
    this.#interval.setAttribute('d', interval);
  }
}

/** The paths of the observed values, with gaps where there are none, and of the interval, which is empty before the first fit. */
export function sparklinePaths(
  { values, yhat_lower: lower, yhat_upper: upper }: Pick<SparklineJson, 'values' | 'yhat_lower' | 'yhat_upper'>,
  width: number,
  height: number,
): { line: string; interval: string } {
  const known = [...values, ...lower, ...upper].filter((value) => value !== null);
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const x = (i: number) => ((i / Math.max(1, values.length - 1)) * width).toFixed(1);
  const y = (value: number) =>
    (max > min ? height - 1 - ((value - min) / (max - min)) * (height - 2) : height / 2).toFixed(1);
  let line = '';
  values.forEach((value, i) => {
    if (value !== null) line += `${i > 0 && values[i - 1] !== null ? 'L' : 'M'}${x(i)} ${y(value)}`;
  });
  const edge = (column: readonly (number | null)[]) =>
    column.flatMap((value, i) => (value === null ? [] : `${x(i)} ${y(value)}`));
  const around = [...edge(upper), ...edge(lower).reverse()];
  return { line, interval: around.length === 0 ? '' : `M${around.join('L')}Z` };
}
