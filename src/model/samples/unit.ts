/** In what the values of a series are, and how they are written. */
export interface Unit {
  /** Behind the number; empty for a bare count. */
  readonly symbol: string;
  /** Values are multiplied by it before they are written. */
  readonly factor: number;
  /** Whether large values get k, M, G and so on. */
  readonly isScaled: boolean;
}

const COUNT: Unit = { symbol: '', factor: 1, isScaled: true };

/** Base units of Prometheus, and others that are usual, by the end of a metric's name (prometheus.io/docs/practices/naming). */
const UNITS: Readonly<Record<string, Unit>> = {
  bytes: { symbol: 'B', factor: 1, isScaled: true },
  bits: { symbol: 'bit', factor: 1, isScaled: true },
  seconds: { symbol: 's', factor: 1, isScaled: false },
  milliseconds: { symbol: 'ms', factor: 1, isScaled: false },
  ratio: { symbol: '%', factor: 100, isScaled: false },
  percent: { symbol: '%', factor: 1, isScaled: false },
  celsius: { symbol: '°C', factor: 1, isScaled: false },
  hertz: { symbol: 'Hz', factor: 1, isScaled: true },
  volts: { symbol: 'V', factor: 1, isScaled: true },
  amperes: { symbol: 'A', factor: 1, isScaled: true },
  watts: { symbol: 'W', factor: 1, isScaled: true },
  joules: { symbol: 'J', factor: 1, isScaled: true },
};

/** The unit of a metric; of its rate per second where it is a counter. */
export function unitOf(metric: string, isRate: boolean): Unit {
  const suffix = /_([a-z]+)$/.exec(metric.replace(/_(total|sum)$/, ''))?.[1] ?? '';
  const unit = UNITS[suffix] ?? COUNT;
  return isRate ? { ...unit, symbol: `${unit.symbol}/s` } : unit;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

/** `1.234 GB`, `12.3 %`, `0.25 s`; four digits that count. */
export function withUnit(value: number, { symbol, factor, isScaled }: Unit): string {
  if (!Number.isFinite(value)) return '-';
  const scaled = value * factor;
  const size = Math.abs(scaled);
  const power = isScaled && size >= 10_000 ? Math.min(PREFIXES.length - 1, Math.floor(Math.log10(size) / 3)) : 0;
  const shown = scaled / 1000 ** power;
  const isTiny = size !== 0 && (size < 1e-3 || Math.abs(shown) >= 1e7);
  const text = isTiny ? shown.toExponential(2) : String(Number(shown.toPrecision(4)));
  return `${text} ${PREFIXES[power]}${symbol}`.trim();
}
