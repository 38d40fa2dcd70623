import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Registry } from 'prom-client';
import type { ForecastQuery, ForecastSeries } from '../../engine/query/forecast-reader.js';
import { ReadBudget, ReadLimitError } from '../../engine/query/read-budget.js';
import { TimeSlice } from '../../lib/time-slice.js';
import { MatcherError } from '../../model/labels/matcher.js';
import type { ReceiverSettings } from '../../model/settings/receiver.js';
import { literalHeader, SnappyDecoder } from '../../wire/core/snappy.js';
import { CHUNKED_MEDIA_TYPE, ChunkedResponseEncoder } from '../../wire/read/chunked-response.js';
import { decodeReadRequest } from '../../wire/read/read-request.js';
import { ReadResponseEncoder } from '../../wire/read/read-response.js';
import type { Access } from '../access/access.js';
import { RequestError, sendTextError } from '../request/failure.js';
import { hasLeft, limitSending, STALL_MS, writePaced } from '../request/paced-write.js';
import { checkAnnouncedLength, readBody } from '../request/read-body.js';
import { ReadLimiter } from '../request/read-limiter.js';
import { type InflightRequest, RequestLimiter } from '../request/request-limiter.js';
import { requirePost } from '../request/require-post.js';
import { Semaphore } from '../request/semaphore.js';
import { ReadMetrics } from './read-metrics.js';

/** Requests computed at one time: the largest takes some 60 MB until it is sent. */
const MAX_COMPUTING = 4;

/** What one request may ask for; Prometheus sends one query of a few matchers. */
const LIMITS = { maxQueries: 100, maxMatchers: 5_000 };
/** Of a request once it is decompressed: thousands of values in one expression take a tenth of it. */
const MAX_DECODED_BYTES = 2 ** 20;

export interface ReadRouteOptions {
  /** The forecast series that a query asks for; throws `ReadLimitError` and `MatcherError`. */
  readonly read: (query: ForecastQuery, budget: ReadBudget) => Promise<ForecastSeries[]>;
  readonly access: Access;
  readonly settings: ReceiverSettings;
  readonly registry: Registry;
  /** A client that takes nothing of its answer for this long is dropped. */
  readonly stallMs?: number;
}

/**
 * `POST /api/v1/read`: remote-read of the forecast series `m_yhat{sentio="forecast"}`, past and future, as SAMPLES or as
 * STREAMED_XOR_CHUNKS, whichever the client would rather have.
 */
export async function readRoute(
  app: FastifyInstance,
  { read, access, settings, registry, stallMs = STALL_MS }: ReadRouteOptions,
): Promise<void> {
  const metrics = new ReadMetrics(registry);
  const limiter = new RequestLimiter({ ...settings, random: Math.random });
  // A limit of its own: what the page asks for takes none from alerts on the future.
  const readLimiter = new ReadLimiter();
  const semaphore = new Semaphore(MAX_COMPUTING);
  const snappy = new SnappyDecoder();

  // The route takes the body as a stream, whatever its type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  app.route({
    url: '/api/v1/read',
    // All methods, so that credentials are asked for before anything is said about methods.
    method: app.supportedMethods as HTTPMethods[],
    onRequest: [
      access.require('read'),
      requirePost,
      async (request) => checkAnnouncedLength(request.raw, settings.maxBodyBytes),
    ],
    onResponse: async (_request, reply) => metrics.countRequest(reply.statusCode, reply.elapsedTime / 1000),
    errorHandler: sendTextError,
    handler: async (request, reply) => {
      // Counts bytes too: the answer takes room until it is sent.
      const inflight = limiter.acquire(request.headers);
      try {
        return await readLimiter.run(() => answer(request, reply, inflight));
      } finally {
        inflight.release();
      }
    },
  });

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    inflight: InflightRequest,
  ): Promise<FastifyReply> {
    const body = await readBody(request.raw, settings.maxBodyBytes, inflight);
    const { queries, acceptedTypes } = decodeReadRequest(
      snappy.decode(body, Math.min(settings.maxDecodedBytes, MAX_DECODED_BYTES)),
      LIMITS,
    );
    const [type] = acceptedTypes;
    if (type === undefined) {
      throw new RequestError('badData', 'accepted_response_types must contain SAMPLES or STREAMED_XOR_CHUNKS');
    }
    const parts = await semaphore.run(async () => {
      const budget = new ReadBudget(settings, () => hasLeft(reply.raw));
      const results: ForecastSeries[][] = [];
      const slice = new TimeSlice();
      for (const query of queries) {
        if (slice.isOver) await slice.pause();
        results.push(await readForecasts(read, query, budget));
      }
      for (const { samples } of results.flat()) metrics.countSamples(type, samples.timesMs.length);
      return type === 'samples' ? encodeSamples(results) : encodeChunks(results);
    });
    const bytes = byteCount(parts);
    inflight.addBytes(bytes);
    if (type === 'samples') reply.type('application/x-protobuf').header('content-encoding', 'snappy');
    else reply.type(CHUNKED_MEDIA_TYPE);
    await send(reply.header('content-length', bytes), parts, stallMs);
    return reply;
  }
}

/** Sends an answer as fast as the client takes it. */
async function send(reply: FastifyReply, parts: readonly Uint8Array[], stallMs: number): Promise<void> {
  const { raw } = reply.hijack();
  limitSending(raw);
  raw.writeHead(200, reply.getHeaders() as Record<string, string>);
  const slice = new TimeSlice();
  for (const part of parts) {
    await writePaced(raw, part, stallMs);
    if (slice.isOver) await slice.pause();
  }
  raw.end();
}

async function readForecasts(
  read: ReadRouteOptions['read'],
  query: ForecastQuery,
  budget: ReadBudget,
): Promise<ForecastSeries[]> {
  try {
    return await read(query, budget);
  } catch (error) {
    if (error instanceof ReadLimitError || error instanceof MatcherError) {
      throw new RequestError('badData', error.message);
    }
    throw error;
  }
}

async function encodeSamples(results: readonly (readonly ForecastSeries[])[]): Promise<Uint8Array[]> {
  const encoder = new ReadResponseEncoder();
  const slice = new TimeSlice();
  for (const answer of results) {
    encoder.startQuery(answer);
    for (const series of answer) {
      for (const _ of encoder.prepare(series.samples.timesMs)) if (slice.isOver) await slice.pause();
      encoder.addSeries(series);
      if (slice.isOver) await slice.pause();
    }
    encoder.endQuery();
  }
  return [literalHeader(byteCount(encoder.parts)), ...encoder.parts];
}

async function encodeChunks(results: readonly (readonly ForecastSeries[])[]): Promise<Uint8Array[]> {
  const encoder = new ChunkedResponseEncoder();
  const slice = new TimeSlice();
  const frames: Uint8Array[] = [];
  for (const [i, answer] of results.entries()) {
    for (const series of answer) {
      for (const frame of encoder.frames(series, i)) {
        frames.push(frame);
        if (slice.isOver) await slice.pause();
      }
    }
  }
  return [Buffer.concat(frames)];
}

function byteCount(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
