import { validateHeaderName, validateHeaderValue } from 'node:http';
import { parseDuration } from '../../lib/durations.js';
import type { Endpoint, RemoteReadSettings, RemoteWriteSettings } from '../../model/settings/endpoint.js';
import type { Path } from '../document/problems.js';
import type { Review } from '../document/review.js';
import { REMOTE_READ_DEFAULTS, REMOTE_WRITE_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { PeerFile, RemoteReadFile, RemoteWriteFile } from '../schema/schema.js';
import { resolvePeerLogin } from './peer-login.js';
import { resolveProxy } from './proxy.js';
import { resolveTls } from './tls.js';

/** Entries of `remote_write` and `remote_read` with every key that applies to them filled in. */
export type EffectiveWritePeer = ReturnType<typeof fillWritePeer>;
export type EffectiveReadPeer = ReturnType<typeof fillReadPeer>;

export function fillWritePeer(peer: RemoteWriteFile) {
  return { name: hostOf(peer), ...overlay(REMOTE_WRITE_DEFAULTS, {}, peer) };
}

export function fillReadPeer(peer: RemoteReadFile) {
  return { name: hostOf(peer), ...overlay(REMOTE_READ_DEFAULTS, {}, peer) };
}

/** What a peer is called in logs and metrics unless it has a `name`. */
export function hostOf({ url }: PeerFile): string {
  return new URL(url).host;
}

/** The target as the rest of Sentio takes it. */
export function resolveWritePeer(peer: EffectiveWritePeer, path: Path, review: Review): RemoteWriteSettings {
  const queue = peer.queue_config;
  const settings: RemoteWriteSettings = {
    ...resolvePeer(peer, path, review),
    protocol: peer.protobuf_message === 'prometheus.WriteRequest' ? '1.0' : '2.0',
    futureMs: parseDuration(peer.future),
    maxSamplesPerSend: queue.max_samples_per_send,
    capacity: queue.capacity,
    batchSendDeadlineMs: parseDuration(queue.batch_send_deadline),
    minBackoffMs: parseDuration(queue.min_backoff),
    maxBackoffMs: parseDuration(queue.max_backoff),
    sampleAgeLimitMs: parseDuration(queue.sample_age_limit),
  };
  const refuse = (keys: string[], message: string) => {
    review.report(review.firstPresent(keys.map((key) => [...path, 'queue_config', key])), message);
  };
  if (queue.capacity < queue.max_samples_per_send) {
    refuse(
      ['capacity', 'max_samples_per_send'],
      `capacity ${queue.capacity} is less than max_samples_per_send ${queue.max_samples_per_send}`,
    );
  }
  if (settings.minBackoffMs > settings.maxBackoffMs) {
    refuse(
      ['min_backoff', 'max_backoff'],
      `min_backoff ${queue.min_backoff} is longer than max_backoff ${queue.max_backoff}`,
    );
  }
  if (settings.sampleAgeLimitMs <= settings.batchSendDeadlineMs) {
    refuse(
      ['sample_age_limit', 'batch_send_deadline'],
      `sample_age_limit ${queue.sample_age_limit} is not longer than batch_send_deadline ${queue.batch_send_deadline}`,
    );
  }
  return settings;
}

/** The source as the rest of Sentio takes it. */
export function resolveReadPeer(peer: EffectiveReadPeer, path: Path, review: Review): RemoteReadSettings {
  const { api, url } = peer;
  const isQueryRange = new URL(url).pathname.endsWith('/query_range');
  if (api === 'query_range' && !isQueryRange) {
    review.report([...path, 'url'], 'the URL must end in /api/v1/query_range when api is query_range');
  } else if (api !== 'query_range' && isQueryRange) {
    review.report([...path, 'url'], 'this URL requires api: query_range');
  }
  return {
    ...resolvePeer(peer, path, review),
    api,
    windowMs: parseDuration(peer.window),
    maxSeriesPerRequest: peer.max_series_per_request,
    maxConcurrentRequests: peer.max_concurrent_requests,
    pauseMs: parseDuration(peer.pause),
  };
}

/** What every peer has, as the rest of Sentio takes it. */
export function resolvePeer(
  peer: Omit<EffectiveReadPeer, 'api' | 'window' | 'max_series_per_request' | 'max_concurrent_requests' | 'pause'>,
  path: Path,
  review: Review,
): Endpoint {
  const { name, url, tls_config: tls, headers } = peer;
  if (tls !== undefined && !url.startsWith('https:')) {
    review.report([...path, 'tls_config'], `has no effect because ${url} is not an https:// URL`);
  }
  const proxy = resolveProxy(peer, path, review);
  checkHeaders(headers, [...path, 'headers'], review);
  return {
    name,
    url,
    ...resolvePeerLogin(peer, path, review),
    ...(tls !== undefined && { tls: resolveTls(tls, [...path, 'tls_config'], review) }),
    ...(proxy !== undefined && { proxy }),
    headers,
    timeoutMs: parseDuration(peer.remote_timeout),
  };
}

/** What the protocol, the connection or another key decides; much as in Prometheus (config.go, unchangeableHeaders). */
const RESERVED_HEADERS: ReadonlyMap<string, string> = new Map([
  ['authorization', 'use basic_auth, authorization, oauth2 or sigv4'],
  ['accept-encoding', 'the protocol sets this header'],
  ['content-encoding', 'the protocol sets this header'],
  ['content-length', 'the protocol sets this header'],
  ['content-type', 'the protocol sets this header'],
  ['retry-attempt', 'the protocol sets this header'],
  ['user-agent', 'the protocol sets this header'],
  ['x-prometheus-remote-read-version', 'the protocol sets this header'],
  ['x-prometheus-remote-write-version', 'use protobuf_message'],
  ['connection', 'this header belongs to the connection'],
  ['host', 'this header belongs to the connection'],
  ['keep-alive', 'this header belongs to the connection'],
  ['proxy-authorization', 'use proxy_connect_header'],
  ['te', 'this header belongs to the connection'],
  ['transfer-encoding', 'this header belongs to the connection'],
  ['upgrade', 'this header belongs to the connection'],
]);

function checkHeaders(headers: Readonly<Record<string, string>>, path: Path, review: Review): void {
  for (const [name, value] of Object.entries(headers)) {
    const reserved = RESERVED_HEADERS.get(name.toLowerCase());
    if (reserved !== undefined) review.report([...path, name], `cannot be set here: ${reserved}`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      // Node names the header in this message, never its value.
      review.report([...path, name], (error as Error).message);
    }
  }
}
