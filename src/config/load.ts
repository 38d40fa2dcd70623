import { dirname } from 'node:path';
import { deepFreeze } from '../lib/deep-freeze.js';
import { parseDuration } from '../lib/durations.js';
import { readTextFile } from '../lib/files/read-text-file.js';
import type { Config } from './config.js';
import { resolveIcalSource } from './connections/ical-sources.js';
import { resolveReadPeer, resolveWritePeer } from './connections/peers.js';
import { resolveQuerySource } from './connections/query-sources.js';
import { type MachineDefaults, resolveReceiver } from './connections/receiver.js';
import { crossCheck } from './cross-checks.js';
import { ConfigError, type Path, type Problem } from './document/problems.js';
import { type Review, startReview } from './document/review.js';
import { parseSource } from './document/source.js';
import { shapeChecker } from './document/validate.js';
import { resolveMarker } from './markers.js';
import { fillParts, type Parts } from './parts.js';
import { resolveCalendar } from './rules/calendars.js';
import { resolveQuery } from './rules/queries.js';
import { resolveRule } from './rules/rules.js';
import { CONFIG_EXAMPLES } from './schema/examples.js';
import { ConfigFile } from './schema/schema.js';

/** 40,000 rules of three lines. */
const MAX_FILE_BYTES = 8 * 2 ** 20;

const checkShape = shapeChecker(ConfigFile, CONFIG_EXAMPLES);

/** Reads a configuration file and the secrets it refers to; `machine` has defaults that depend on where Sentio runs. Throws `ConfigError` with every problem there is. */
export function loadConfig(path: string, machine: MachineDefaults = {}): Config {
  let text: string;
  try {
    text = readTextFile(path, MAX_FILE_BYTES);
  } catch (cause) {
    throw new ConfigError([{ path: '', message: `cannot read the file: ${(cause as Error).message}` }], { cause });
  }
  return parseConfig(text, dirname(path), machine);
}

/** What Sentio runs on without a configuration file. */
export function defaultConfig(machine: MachineDefaults = {}): Config {
  return parseConfig('', '.', machine);
}

/** The configuration of a file with this text; relative paths in it start at `folder`. Throws `ConfigError`. */
export function parseConfig(text: string, folder: string, machine: MachineDefaults = {}): Config {
  const source = parseSource(text);
  const faults = checkShape(source);
  const problems = faults.map(({ problem }) => problem);
  const misshapen = faults.filter(({ isUnknownKey }) => !isUnknownKey);
  const isSound = (path: Path) => !misshapen.some((fault) => overlap(fault.path, path));
  const parts = fillParts(source.value, folder, isSound, machine);
  const config = resolveParts(parts, startReview(source, problems));
  if (problems.length > 0) throw new ConfigError(inFileOrder(problems));
  return deepFreeze(config);
}

/** Whether one path leads to the other, or both are the same. */
function overlap(a: Path, b: Path): boolean {
  return a.slice(0, b.length).every((key, i) => key === b[i]);
}

function resolveParts(parts: Parts, review: Review): Config {
  const { page, receiver, engine, targets, sources, querySources, calendars, queries, rules, markers } = parts;
  const year = new Date().getUTCFullYear();
  const calendarsByName = new Map(
    calendars.map(({ filled, path }) => [filled.name, resolveCalendar(filled, path, review, year)]),
  );
  const sourceNames = querySources.map(({ filled }) => filled.name);
  const config = {
    receiver: resolveReceiver(receiver, review),
    engine: {
      seriesIdleTimeoutMs: parseDuration(engine.series_idle_timeout),
      fitThreads: engine.fit_threads,
      snapshotIntervalMs: parseDuration(engine.snapshot_interval),
      ownershipGraceMs: parseDuration(engine.ownership_grace_period),
    },
    remoteWrite: targets.map(({ filled, path }) => resolveWritePeer(filled, path, review)),
    remoteRead: sources.map(({ filled, path }) => resolveReadPeer(filled, path, review)),
    querySources: querySources.map(({ filled, path }) => resolveQuerySource(filled, path, review)),
    icalSources: calendars.flatMap(
      ({ filled, path }) =>
        resolveIcalSource(filled, calendarsByName.get(filled.name)?.events ?? [], path, review) ?? [],
    ),
    rules: [
      ...queries.map(({ filled, path }) => resolveQuery(filled, sourceNames, calendarsByName, path, review)),
      ...rules.map(({ filled, path }) => resolveRule(filled, calendarsByName, path, review)),
    ],
    markers: markers.map(({ filled, path }) => resolveMarker(filled, path, review)),
  };
  crossCheck(parts, config, review);
  const effective = {
    page,
    receiver,
    engine,
    remote_write: targets.map(({ filled }) => filled),
    remote_read: sources.map(({ filled }) => filled),
    query_sources: querySources.map(({ filled }) => filled),
    calendars: calendars.map(({ filled }) => filled),
    queries: queries.map(({ filled }) => filled),
    rules: rules.map(({ filled }) => filled),
    markers: markers.map(({ filled }) => filled),
  };
  return { ...config, effective };
}

/** In the order of the file; the same problem, found in several rules that inherit it, only once. */
function inFileOrder(problems: readonly Problem[]): Problem[] {
  const once = [...new Map(problems.map((problem) => [`${problem.path}: ${problem.message}`, problem])).values()];
  return once.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
