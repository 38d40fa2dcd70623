import { resolve } from 'node:path';
import { formatDuration, parseDuration } from '../lib/durations.js';
import { type EffectiveReadPeer, type EffectiveWritePeer, fillReadPeer, fillWritePeer } from './connections/peers.js';
import { type EffectiveQuerySource, fillQuerySource } from './connections/query-sources.js';
import { type EffectiveReceiver, fillReceiver, type MachineDefaults } from './connections/receiver.js';
import type { Path } from './document/problems.js';
import { type EffectiveMarker, fillMarker } from './markers.js';
import { type EffectiveCalendar, fillCalendar } from './rules/calendars.js';
import { type EffectiveRule, fillRule } from './rules/fill-rule.js';
import { type EffectiveQuery, fillQuery } from './rules/queries.js';
import { ENGINE_DEFAULTS, RULES_DEFAULT } from './schema/defaults.js';
import { overlay } from './schema/layers.js';
import type { ConfigFile, EngineFile, PageFile } from './schema/schema.js';

/** An entry of a list, with every key filled in, and its position in the file. */
export interface Entry<T> {
  readonly filled: T;
  readonly path: Path;
}

/** A configuration file with every key filled in. */
export interface Parts {
  readonly receiver: EffectiveReceiver;
  readonly page: PageFile;
  readonly engine: Required<EngineFile>;
  readonly targets: readonly Entry<EffectiveWritePeer>[];
  readonly sources: readonly Entry<EffectiveReadPeer>[];
  readonly querySources: readonly Entry<EffectiveQuerySource>[];
  readonly calendars: readonly Entry<EffectiveCalendar>[];
  readonly queries: readonly Entry<EffectiveQuery>[];
  readonly rules: readonly Entry<EffectiveRule>[];
  readonly markers: readonly Entry<EffectiveMarker>[];
}

/**
 * Fills in what the file leaves to defaults, and makes the paths of files absolute. Parts for which
 * `isSound` is false do not have the shape of `ConfigFile` and are left out, so that the others can still be checked.
 */
export function fillParts(
  value: unknown,
  folder: string,
  isSound: (path: Path) => boolean,
  machine: MachineDefaults,
): Parts {
  const file = absolutePaths(value, resolve(folder)) as ConfigFile;
  const section = <Key extends keyof ConfigFile>(key: Key) => (isSound([key]) ? file[key] : undefined);
  const entries = <Item, T>(key: string, list: readonly Item[] | undefined, fill: (item: Item) => T): Entry<T>[] =>
    (Array.isArray(list) ? (list as Item[]) : [])
      .map((item, i) => ({ item, path: [key, i] }))
      .filter(({ path }) => isSound(path))
      .map(({ item, path }) => ({ filled: fill(item), path }));

  const defaults = section('defaults') ?? {};
  const queries = isSound(['defaults']) ? entries('queries', file.queries, (query) => fillQuery(query, defaults)) : [];
  // A rule without the defaults it counts on would contradict itself for no reason.
  const rules = isSound(['defaults'])
    ? entries('rules', file.rules ?? RULES_DEFAULT, (rule) => fillRule(rule, defaults))
    : [];
  return {
    receiver: fillReceiver(section('receiver') ?? {}, machine),
    page: section('page') ?? {},
    engine: fillEngine(section('engine') ?? {}, [...queries, ...rules]),
    targets: entries('remote_write', file.remote_write, fillWritePeer),
    sources: entries('remote_read', file.remote_read, fillReadPeer),
    querySources: entries('query_sources', file.query_sources, fillQuerySource),
    calendars: entries('calendars', file.calendars, fillCalendar),
    queries,
    rules,
    markers: entries('markers', file.markers, fillMarker),
  };
}

/** The default of `series_idle_timeout` grows with the longest step: two of them, so that one may have no sample. */
function fillEngine(engine: EngineFile, rules: readonly Entry<{ readonly step: string }>[]): Required<EngineFile> {
  const filled = overlay(ENGINE_DEFAULTS, {}, engine);
  if (engine.series_idle_timeout !== undefined) return filled;
  const longestMs = Math.max(0, ...rules.map(({ filled: { step } }) => parseDuration(step)));
  const atLeastMs = longestMs > parseDuration(filled.series_idle_timeout) ? 2 * longestMs : 0;
  return atLeastMs === 0 ? filled : { ...filled, series_idle_timeout: formatDuration(atLeastMs) };
}

/** Every `…_file` as an absolute path. */
export function absolutePaths(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolutePaths(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key.endsWith('_file') && typeof item === 'string' ? resolve(folder, item) : absolutePaths(item, folder),
    ]),
  );
}
