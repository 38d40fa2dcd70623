import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.js';

/** Sections that take effect at the start alone, and what they are called in the file. */
const FIXED = [
  ['receiver', 'receiver'],
  ['engine', 'engine'],
  ['remoteRead', 'remote_read'],
] as const;

/**
 * The configuration that is in effect once a running Sentio has read its file again, and the sections of the file that have
 * to wait for the next start.
 */
export function reloaded(running: Config, read: Config): { config: Config; waiting: string[] } {
  const { receiver, engine, remoteRead, effective } = running;
  const config = {
    ...read,
    receiver,
    engine,
    remoteRead,
    effective: {
      ...read.effective,
      receiver: effective.receiver,
      engine: effective.engine,
      remote_read: effective.remote_read,
    },
  };
  const waiting = FIXED.filter(([key]) => !isDeepStrictEqual(read[key], running[key])).map(([, name]) => name);
  return { config, waiting };
}
