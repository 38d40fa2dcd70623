import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { formatDuration, parseDuration } from '../model/durations.js';
import type { Config } from './config.js';
import { ENGINE_DEFAULTS, RULES_DEFAULT } from './defaults.js';
import { fillRule } from './fill-rule.js';
import { overlay } from './layers.js';
import { fillReadPeer, fillWritePeer, resolveReadPeer, resolveWritePeer } from './peers.js';
import { ConfigError, type Path, type Problem } from './problems.js';
import { fillReceiver, resolveReceiver } from './receiver.js';
import { type Review, startReview } from './review.js';
import { resolveRule } from './rules.js';
import type { ConfigFile } from './schema.js';
import { parseSource } from './source.js';
import { twins } from './twins.js';
import { checkShape } from './validate.js';

/** Reads a configuration file and the secrets it refers to. Throws `ConfigError` with every problem there is. */
export function loadConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError([{ path: '', message: `cannot read ${path}: ${(cause as Error).message}` }], { cause });
  }
  return parseConfig(text, dirname(path));
}

/** What Sentio runs on without a configuration file. */
export function defaultConfig(): Config {
  return parseConfig('', '.');
}

/** The configuration of a file with this text; relative paths in it start at `folder`. Throws `ConfigError`. */
export function parseConfig(text: string, folder: string): Config {
  const source = parseSource(text);
  const faults = checkShape(source);
  const problems = faults.map(({ problem }) => problem);
  const review = startReview(source, problems);

  // What has not the right shape is left out from here on, so that the rest can still be checked.
  const sound = (path: Path) => !faults.some((fault) => overlap(fault.path, path));
  const file = absolutePaths(source.value, resolve(folder)) as ConfigFile;
  const section = <Key extends keyof ConfigFile>(key: Key) => (sound([key]) ? file[key] : undefined);
  const items = <Item, Filled>(key: string, list: readonly Item[] | undefined, fill: (item: Item) => Filled) =>
    (Array.isArray(list) ? (list as Item[]) : [])
      .map((item, i) => ({ item, path: [key, i] }))
      .filter(({ path }) => sound(path))
      .map(({ item, path }) => ({ filled: fill(item), path }));

  const receiver = fillReceiver(section('receiver') ?? {});
  const engine = overlay(ENGINE_DEFAULTS, {}, section('engine') ?? {});
  const targets = items('remote_write', file.remote_write, fillWritePeer);
  const sources = items('remote_read', file.remote_read, fillReadPeer);
  const defaults = section('defaults') ?? {};
  const rules = sound(['defaults'])
    ? items('rules', file.rules ?? RULES_DEFAULT, (rule) => fillRule(rule, defaults))
    : [];

  for (const list of [targets, sources, rules]) refuseTwins(list, review);
  const config: Config = {
    receiver: resolveReceiver(receiver, review),
    engine: {
      seriesIdleTimeoutMs: parseDuration(engine.series_idle_timeout),
      fitThreads: engine.fit_threads,
    },
    remoteWrite: targets.map(({ filled, path }) => resolveWritePeer(filled, path, review)),
    remoteRead: sources.map(({ filled, path }) => resolveReadPeer(filled, path, review)),
    rules: rules.map(({ filled, path }) => resolveRule(filled, path, review)),
    effective: {
      receiver,
      engine,
      remote_write: targets.map(({ filled }) => filled),
      remote_read: sources.map(({ filled }) => filled),
      rules: rules.map(({ filled }) => filled),
    },
  };
  reviewAcross(
    config,
    rules.map(({ path }) => path),
    review,
  );
  if (problems.length > 0) throw new ConfigError(inFileOrder(problems));
  return deepFreeze(config);
}

/** Whether one path leads to the other, or both are the same. */
function overlap(a: Path, b: Path): boolean {
  return a.slice(0, b.length).every((key, i) => key === b[i]);
}

/** Every `…_file` as an absolute path. */
function absolutePaths(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolutePaths(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key.endsWith('_file') && typeof item === 'string' ? resolve(folder, item) : absolutePaths(item, folder),
    ]),
  );
}

function refuseTwins(list: readonly { filled: { name: string }; path: Path }[], review: Review): void {
  for (const i of twins(list, ({ filled }) => filled.name)) {
    const { filled, path } = list[i]!;
    review.report([...path, 'name'], `${JSON.stringify(filled.name)} stands twice: give each a name of its own`);
  }
}

/** What two sections say that cannot both be. */
function reviewAcross({ receiver, engine, rules }: Config, paths: readonly Path[], review: Review): void {
  const { externalLabels } = receiver;
  for (const [i, { name, selectors, settings }] of rules.entries()) {
    if (settings.stepMs > engine.seriesIdleTimeoutMs) {
      review.report(
        ['engine', 'series_idle_timeout'],
        `a series would be forgotten within a step of rule ${name}, ${formatDuration(settings.stepMs)}`,
      );
    }
    for (const [j, selector] of selectors.entries()) {
      const stripped = selector.find((matcher) => externalLabels.includes(matcher.name))?.name;
      if (stripped === undefined) continue;
      review.report([...paths[i]!, 'match', j], `asks for ${stripped}, which receiver.external_labels takes off`);
    }
  }
}

/** In the order of the file; the same problem, found in several rules that inherit it, only once. */
function inFileOrder(problems: readonly Problem[]): Problem[] {
  const once = [...new Map(problems.map((problem) => [`${problem.path}: ${problem.message}`, problem])).values()];
  return once.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
