/** In what the values of a series are, and how they are written. */
export interface Unit {
  /** Behind the number; empty for a bare count. */
  readonly symbol: string;
  /** Values are multiplied by it before they are written. */
  readonly factor: number;
  /** `si`: large values get k, M, G and so on; `time`: ms, min, h and so on; `date`: the value is a Unix time in seconds. */
  readonly scale: 'si' | 'time' | 'date' | 'plain';
}

const COUNT: Unit = { symbol: '', factor: 1, scale: 'si' };
const DATE: Unit = { symbol: '', factor: 1, scale: 'date' };

/** Base units of Prometheus, and others that are usual, by the end of a metric's name (prometheus.io/docs/practices/naming). */
const UNITS: Readonly<Record<string, Unit>> = {
  bytes: { symbol: 'B', factor: 1, scale: 'si' },
  bits: { symbol: 'bit', factor: 1, scale: 'si' },
  seconds: { symbol: 's', factor: 1, scale: 'time' },
  milliseconds: { symbol: 's', factor: 1e-3, scale: 'time' },
  ratio: { symbol: '%', factor: 100, scale: 'plain' },
  percent: { symbol: '%', factor: 1, scale: 'plain' },
  celsius: { symbol: '°C', factor: 1, scale: 'plain' },
  hertz: { symbol: 'Hz', factor: 1, scale: 'si' },
  volts: { symbol: 'V', factor: 1, scale: 'si' },
  amperes: { symbol: 'A', factor: 1, scale: 'si' },
  watts: { symbol: 'W', factor: 1, scale: 'si' },
  joules: { symbol: 'J', factor: 1, scale: 'si' },
};

/** The unit of a metric; of its rate per second where it is a counter. */
export function unitOf(metric: string, isRate: boolean): Unit {
  if (/_(timestamp|(start|boot)_time)_seconds$/.test(metric)) return DATE;
  const suffix = /_([a-z]+)$/.exec(metric.replace(/_(total|sum)$/, ''))?.[1] ?? '';
  const unit = UNITS[suffix] ?? COUNT;
  if (!isRate) return unit;
  return { ...unit, symbol: `${unit.symbol}/s`, scale: unit.scale === 'time' ? 'plain' : unit.scale };
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];
/** From two of a unit of time on it is used: 90 s, 2 min. */
const TIMES: readonly (readonly [seconds: number, symbol: string, from: number])[] = [
  [86_400, 'd', 2 * 86_400],
  [3_600, 'h', 2 * 3_600],
  [60, 'min', 120],
  [1, 's', 1],
  [1e-3, 'ms', 1e-3],
  [1e-6, 'µs', 0],
];

/** `1.234 GB`, `12.3 %`, `250 ms`; four digits that count. */
export function withUnit(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '-';
  const { symbol, factor, scale } = unit;
  const scaled = value * factor;
  const size = Math.abs(scaled);
  if (scale === 'date') return dateText(scaled);
  if (scale === 'time') {
    const [seconds, name] = size === 0 ? [1, 's'] : TIMES.find(([, , from]) => size >= from)!;
    return `${digits(scaled / seconds)} ${name}`;
  }
  const power = scale === 'si' && size >= 10_000 ? Math.min(PREFIXES.length - 1, Math.floor(Math.log10(size) / 3)) : 0;
  const shown = scaled / 1000 ** power;
  return `${size !== 0 && size < 1e-3 ? shown.toExponential(2) : digits(shown)} ${PREFIXES[power]}${symbol}`.trim();
}

function digits(shown: number): string {
  return Math.abs(shown) >= 1e7 ? shown.toExponential(2) : String(Number(shown.toPrecision(4)));
}

function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
