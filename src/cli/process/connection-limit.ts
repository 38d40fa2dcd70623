import { readdirSync, readFileSync } from 'node:fs';
import { UsageError } from '../../lib/errors.js';

/**
 * Descriptors for everything but connections of clients, beside those that are open at the start: a snapshot and its folder,
 * requests to targets and databases (100 at one time where a file asks for that many), the files of a reload.
 */
const RESERVED_DESCRIPTORS = 150;

/** The value of `--web.max-connections`. Throws `UsageError` for anything but a whole number from 1 on. */
export function parseMaxConnections(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`Cannot use --web.max-connections: "${text}" is not a whole number from 1 on`);
}

/**
 * As many of the wanted connections as leave descriptors in reserve, at least one. `descriptors`: how many the process may
 * have, and has; undefined where the system does not say.
 */
export function connectionRoom(wanted: number, descriptors: Descriptors | undefined): number {
  if (descriptors === undefined) return wanted;
  return Math.max(1, Math.min(wanted, descriptors.limit - descriptors.open - RESERVED_DESCRIPTORS));
}

export interface Descriptors {
  readonly limit: number;
  readonly open: number;
}

/** On Linux; Node raises the soft limit to the hard one when it starts. */
export function descriptorsOf(processFolder = '/proc/self'): Descriptors | undefined {
  try {
    const limits = readFileSync(`${processFolder}/limits`, 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    if (soft === undefined) return undefined;
    return { limit: Number(soft), open: readdirSync(`${processFolder}/fd`).length };
  } catch {
    return undefined;
  }
}
