import { parseDuration } from '../../lib/durations.js';
import type { QuerySourceSettings } from '../../model/settings/endpoint.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { QUERY_SOURCE_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { QuerySourceFile } from '../schema/schema.js';
import { hostOf, resolvePeer } from './peers.js';

/** An entry of `query_sources` with every key that applies to it filled in. */
export type EffectiveQuerySource = ReturnType<typeof fillQuerySource>;

export function fillQuerySource(source: QuerySourceFile) {
  return { name: hostOf(source), ...overlay(QUERY_SOURCE_DEFAULTS, {}, source) };
}

/** The source as the rest of Sentio takes it. */
export function resolveQuerySource(source: EffectiveQuerySource, path: Path, review: Review): QuerySourceSettings {
  if (!new URL(source.url).pathname.endsWith('/query_range')) {
    review.report([...path, 'url'], 'the URL must end in /api/v1/query_range');
  }
  return {
    ...resolvePeer(source, path, review),
    windowMs: parseDuration(source.window),
    maxConcurrentRequests: source.max_concurrent_requests,
    pauseMs: parseDuration(source.pause),
  };
}
