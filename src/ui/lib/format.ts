import { localDateTime } from './times.js';
import type { Unit } from './units.js';

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
];
const LONG_TIMES: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];
/** A bare count keeps its digits up to here: 12,345 requests are read more easily than 12.3 k. */
const LARGEST_PLAIN_COUNT = 99_999;
const MAX_DECIMALS = 9;
/** Bytes and bits are counted: there are no nanobytes, and what is smaller than this is rounding. */
const LEAST_OF_A_BYTE = 1e-3;

/**
 * Makes a function that writes values of `unit`, all with the same prefix and as many decimals, so that they can be
 * compared at a glance: the prefix suits `magnitude`, the largest value, and the decimals `resolution`, the smallest
 * difference that matters (both in the unit of the series).
 */
export function valueFormatter(unit: Unit, magnitude: number, resolution: number): (value: number | null) => string {
  if (unit.scale === 'date') return (value) => (value === null ? '–' : localDateTime(value));
  const [scale, prefix] = scaleOf(unit, Math.abs(magnitude * unit.factor));
  const isRounding = isOfBytes(unit) && Math.abs(magnitude) < LEAST_OF_A_BYTE;
  const decimals = isRounding ? 0 : decimalsOf(Math.abs(resolution * unit.factor) / scale);
  const number = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const behind = suffix(prefix, unit);
  return (value) => {
    if (value === null || !Number.isFinite(value)) return '–';
    return number.format((value * unit.factor) / scale).replace('-', '−') + behind;
  };
}

/** Writes a value and its interval alike. */
export function intervalFormatter(unit: Unit, values: readonly (number | null)[]): (value: number | null) => string {
  const known = values.filter((value) => value !== null);
  const magnitude = Math.max(0, ...known.map(Math.abs));
  const span = known.length > 1 ? Math.max(...known) - Math.min(...known) : 0;
  // An interval is resolved in some twenty parts; a lone value has four digits.
  return valueFormatter(unit, magnitude, Math.max(span / 20, magnitude / 10_000));
}

/** `24.5 … 32.3 %`: the unit, where both have the same, is shown once. */
export function formatInterval(
  format: (value: number | null) => string,
  lower: number | null,
  upper: number | null,
): string {
  if (lower === null || upper === null) return '–';
  const [from, to] = [format(lower), format(upper)];
  const unit = /[^\d.]*$/.exec(to)![0];
  return `${unit !== '' && from.endsWith(unit) ? from.slice(0, -unit.length) : from} … ${to}`;
}

/**
 * A score in three digits, rounded so that it stays on its side of 1: 0.998 is 0.99, and 1.001, an alarm, is 1.01. Beyond a
 * thousand the digits say nothing.
 */
export function formatScore(score: number | null): string {
  if (score === null) return '–';
  if (score >= 1000) return '>999';
  if (score <= 1) return (Math.floor(score * 100) / 100).toFixed(2);
  return Math.max(score, 1.01).toFixed(score >= 99.95 ? 0 : score >= 9.995 ? 1 : 2);
}

/** A whole number with its thousands apart. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function scaleOf(unit: Unit, magnitude: number): readonly [number, string] {
  if (unit.scale === 'plain' || magnitude === 0) return [1, ''];
  if (unit.scale === 'time' && magnitude >= 120) {
    return LONG_TIMES.find(([scale]) => magnitude >= 2 * scale) ?? [1, ''];
  }
  if (unit.symbol === '' || unit.symbol === '/s') {
    // A count has no thousandths: small ones are written out.
    if (magnitude <= LARGEST_PLAIN_COUNT) return [1, ''];
  }
  if (isOfBytes(unit) && magnitude < 1) return [1, ''];
  // Rounding must not make 1,000 M of 1 G.
  return PREFIXES.find(([scale]) => magnitude >= scale * 0.9995) ?? PREFIXES.at(-1)!;
}

function isOfBytes({ symbol }: Unit): boolean {
  return /^(B|bit)(\/s)?$/.test(symbol);
}

function suffix(prefix: string, { symbol, scale }: Unit): string {
  if (prefix === 'min' || prefix === 'h' || prefix === 'd') return `\u00a0${prefix}`;
  if (scale === 'plain' && symbol.startsWith('%')) return symbol;
  if (prefix === '' && symbol.startsWith('/')) return symbol;
  return prefix + symbol === '' ? '' : `\u00a0${prefix}${symbol}`;
}

function decimalsOf(resolution: number): number {
  if (!(resolution > 0)) return 0;
  return Math.min(Math.max(Math.ceil(-Math.log10(resolution) - 1e-9), 0), MAX_DECIMALS);
}
