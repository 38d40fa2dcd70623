import type { QuerySourceSettings, RemoteReadSettings, RemoteWriteSettings } from '../model/settings/endpoint.js';
import type { IcalSource } from '../model/settings/ical-source.js';
import type { MarkerSettings } from '../model/settings/marker.js';
import type { ReceiverSettings } from '../model/settings/receiver.js';
import type { Rule } from '../model/settings/settings.js';
import type { EffectiveReadPeer, EffectiveWritePeer } from './connections/peers.js';
import type { EffectiveQuerySource } from './connections/query-sources.js';
import type { EffectiveReceiver } from './connections/receiver.js';
import type { EffectiveMarker } from './markers.js';
import type { EffectiveCalendar } from './rules/calendars.js';
import type { EffectiveRule } from './rules/fill-rule.js';
import type { EffectiveQuery } from './rules/queries.js';
import type { EngineFile, PageFile } from './schema/schema.js';

/** The whole configuration, checked and deeply frozen. */
export interface Config {
  readonly receiver: ReceiverSettings;
  readonly engine: EngineSettings;
  /** Where forecasts go; names are unique. */
  readonly remoteWrite: readonly RemoteWriteSettings[];
  /** Where history comes from; names are unique. */
  readonly remoteRead: readonly RemoteReadSettings[];
  /** Where queries are evaluated; names are unique. */
  readonly querySources: readonly QuerySourceSettings[];
  /** Where the iCalendars of calendars come from. */
  readonly icalSources: readonly IcalSource[];
  /** Those of queries, which have a `query`, then at least one other; the first that matches a series decides. */
  readonly rules: readonly Rule[];
  /** Names are unique; the first that names a series decides. */
  readonly markers: readonly MarkerSettings[];
  /** The same in the words of the file, defaults filled in and paths absolute. It holds secrets: see `maskConfig`. */
  readonly effective: EffectiveConfig;
}

interface EngineSettings {
  /** A series that got no sample for this long is forgotten, and its ring freed. */
  readonly seriesIdleTimeoutMs: number;
  /** Worker threads that fit models. */
  readonly fitThreads: number;
  /** Time from one snapshot to the next. */
  readonly snapshotIntervalMs: number;
  /** After this long without a sample a series belongs to another Sentio; 0: there is no other. */
  readonly ownershipGraceMs: number;
}

/** A configuration file in which nothing is left to defaults. */
interface EffectiveConfig {
  readonly receiver: EffectiveReceiver;
  /** Where links of the page lead. */
  readonly page: PageFile;
  readonly engine: Required<EngineFile>;
  readonly remote_write: readonly EffectiveWritePeer[];
  readonly remote_read: readonly EffectiveReadPeer[];
  readonly query_sources: readonly EffectiveQuerySource[];
  readonly calendars: readonly EffectiveCalendar[];
  readonly queries: readonly EffectiveQuery[];
  readonly rules: readonly EffectiveRule[];
  readonly markers: readonly EffectiveMarker[];
}
