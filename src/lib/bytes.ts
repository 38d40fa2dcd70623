import { UsageError } from './errors.js';

/** As Prometheus and Kubernetes write them, all in powers of 1024. */
const SIZE = /^(\d+(?:\.\d+)?) ?([KMGT])?i?B?$/i;
const UNITS = ['', 'K', 'M', 'G', 'T'];

/** Reads a size such as `600MB`, `1.5GiB` or `0`, where K, M, G and T are powers of 1024 (as Prometheus has them). Throws `UsageError`. */
export function parseBytes(text: string): number {
  const [, number, unit = ''] = SIZE.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`"${text}" is not a size such as 600MB or 2GiB`);
  return Math.floor(Number(number) * 1024 ** UNITS.indexOf(unit.toUpperCase()));
}

/** Writes a size with its largest unit, such as `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = Number((bytes / 1024 ** power).toFixed(1));
  return power === 0 ? `${value} bytes` : `${value} ${UNITS[power]}iB`;
}
