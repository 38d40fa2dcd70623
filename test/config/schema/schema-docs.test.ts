import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig } from '#src/config/load.js';
import {
  AUTHORIZATION_DEFAULTS,
  CALENDAR_DEFAULTS,
  ENGINE_DEFAULTS,
  ICAL_DEFAULTS,
  MARKER_DEFAULTS,
  OAUTH2_DEFAULTS,
  QUERY_DEFAULTS,
  QUERY_SOURCE_DEFAULTS,
  RECEIVER_DEFAULTS,
  REMOTE_READ_DEFAULTS,
  REMOTE_WRITE_DEFAULTS,
  SERIES_DEFAULTS,
  TLS_DEFAULTS,
} from '#src/config/schema/defaults.js';
import { ConfigFile } from '#src/config/schema/schema.js';
import { GOOD } from '../testdata.js';

const DOCS = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');

/** The rows of the tables under headings that name a section: full key → default, as the page shows it. */
function documentedKeys(): Map<string, string> {
  const keys = new Map<string, string>();
  let section = '';
  for (const line of DOCS.split('\n')) {
    section = /^## (.*)/.exec(line)?.[1] ?? section;
    const [, key, value] = /^\| `(\w+)` \| [^|]+ \| ([^|]+) \| .*\.[^|]*\|$/.exec(line) ?? [];
    if (key !== undefined) keys.set(`${section}.${key}`, value!);
  }
  return keys;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Every key of a schema below the sections, as the page names it. */
function schemaKeys({ properties = {} }: Schema, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const below = [...schemaKeys(property, `${key}.`), ...schemaKeys(property.items ?? {}, `${key}[].`)];
    return prefix === '' ? below : [placeOf(key), ...below];
  });
}

/** Every key of a file below its sections, as the page names it. */
function fileKeys(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fileKeys(item, `${prefix.slice(0, -1)}[].`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const below = fileKeys(item, `${prefix}${name}.`);
    return prefix === '' ? below : [placeOf(`${prefix}${name}`), ...below];
  });
}

/** The page describes shared maps once, and a rule's keys under `defaults`. */
function placeOf(key: string): string {
  return key
    .replace(/^rules\[\]\.(?!name$|match$)/, 'defaults.')
    .replace(/^queries\[\]\.(?!(name|expr|source|offset|labels)$)/, 'defaults.')
    .replace(
      /^(receiver\.(writers|readers|admins)\[\]|remote_write\[\]|remote_read\[\]|query_sources\[\]|calendars\[\]\.ical)\.(basic_auth|authorization|oauth2|sigv4|tls_config)\./,
      '$3.',
    )
    .replace(/^oauth2\.tls_config\./, 'tls_config.')
    .replace(/^receiver\.(writers|readers|admins)\[\]\..*$/, 'receiver.$1');
}

/** Every built-in default that is not a map, by full key, as the page shows it. */
function shownDefaults(defaults: object, prefix: string): [key: string, shown: string][] {
  return Object.entries(defaults).flatMap(([name, value]) => {
    const key = `${prefix}.${name}`;
    const isMap = typeof value === 'object' && !Array.isArray(value) && !['headers', 'labels'].includes(name);
    return isMap
      ? shownDefaults(value, key)
      : [[key, `\`${typeof value === 'object' ? JSON.stringify(value) : value}\``]];
  });
}

test('docs/configuration.md has every key of the schema, and no other', () => {
  const documented = [...documentedKeys().keys()].sort();
  const known = [...new Set(schemaKeys(ConfigFile as unknown as Schema))].sort();
  assert.ok(known.includes('defaults.prophet.seasonalities[].period'), 'the walk reaches the deepest key');
  assert.deepEqual(documented, known);
});

test('everything.yml, by which each key is tried, has every key of the schema', () => {
  const used = new Set(fileKeys(parse(readFileSync(join(GOOD, 'everything.yml'), 'utf8'))));
  const missing = schemaKeys(ConfigFile as unknown as Schema).filter((key) => !used.has(key));
  assert.deepEqual(missing, []);
});

test('docs/configuration.md shows every default as it is', () => {
  const documented = documentedKeys();
  const shown = [
    ...shownDefaults(RECEIVER_DEFAULTS, 'receiver'),
    // This one depends on the machine, and the page says how.
    ...shownDefaults(ENGINE_DEFAULTS, 'engine').filter(([key]) => key !== 'engine.fit_threads'),
    ...shownDefaults(REMOTE_WRITE_DEFAULTS, 'remote_write[]'),
    ...shownDefaults(REMOTE_READ_DEFAULTS, 'remote_read[]'),
    ...shownDefaults(QUERY_SOURCE_DEFAULTS, 'query_sources[]'),
    ...shownDefaults(CALENDAR_DEFAULTS, 'calendars[]'),
    ...shownDefaults(ICAL_DEFAULTS, 'calendars[].ical'),
    ...shownDefaults(MARKER_DEFAULTS, 'markers[]'),
    // `aggregate` is described in the text.
    ...shownDefaults(QUERY_DEFAULTS, 'queries[]').filter(([key]) => key !== 'queries[].aggregate'),
    ...shownDefaults(AUTHORIZATION_DEFAULTS, 'authorization'),
    ...shownDefaults(OAUTH2_DEFAULTS, 'oauth2'),
    ...shownDefaults(TLS_DEFAULTS, 'tls_config'),
    ...shownDefaults(SERIES_DEFAULTS, 'defaults'),
  ];
  for (const [key, value] of shown) assert.equal(documented.get(key), value, key);

  const constant = [...documented].filter(([, value]) => /^`.*`$/.test(value)).map(([key]) => key);
  assert.deepEqual(constant.sort(), shown.map(([key]) => key).sort(), 'no other key shows a constant default');
});

test('the example of docs/configuration.md is a good file', () => {
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(DOCS) ?? [];
  assert.equal(loadConfig(join(GOOD, 'design.yml')).rules.length, 2);
  assert.deepEqual(parse(example!), parse(readFileSync(join(GOOD, 'design.yml'), 'utf8')));
});
