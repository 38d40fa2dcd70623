import { isDeepStrictEqual } from 'node:util';
import type { Rule } from '../model/settings/settings.js';
import type { Config } from './config.js';

/** Sections that take effect at the start alone, and what they are called in the file. */
const FIXED = [
  ['receiver', 'receiver'],
  ['engine', 'engine'],
  ['remoteRead', 'remote_read'],
  ['querySources', 'query_sources'],
] as const;

/**
 * The configuration that is in effect once a running Sentio has read its file again, and the sections of the file that have
 * to wait for the next start.
 */
export function reloaded(running: Config, read: Config): { config: Config; waiting: string[] } {
  const { receiver, engine, remoteRead, querySources, effective } = running;
  // Queries of other sources wait with these.
  const { rules, queries } = isDeepStrictEqual(read.querySources, querySources)
    ? { rules: read.rules, queries: read.effective.queries }
    : { rules: [...running.rules.filter(hasQuery), ...read.rules.filter(isOfPushed)], queries: effective.queries };
  const config = {
    ...read,
    receiver,
    engine,
    remoteRead,
    querySources,
    rules,
    effective: {
      ...read.effective,
      receiver: effective.receiver,
      engine: effective.engine,
      remote_read: effective.remote_read,
      query_sources: effective.query_sources,
      queries,
    },
  };
  const waiting = FIXED.filter(([key]) => !isDeepStrictEqual(read[key], running[key])).map(([, name]) => name);
  return { config, waiting };
}

function hasQuery({ query }: Rule): boolean {
  return query !== undefined;
}

function isOfPushed({ query }: Rule): boolean {
  return query === undefined;
}
