import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ThrottledLog } from '../../lib/throttled-log.js';
import type { WriteSink } from '../../model/samples/write-sink.js';
import type { ReceiverSettings } from '../../model/settings/receiver.js';
import { type MoreSinks, WriteReceiver } from '../../wire/receive/write-receiver.js';
import { WriteStats } from '../../wire/receive/write-stats.js';
import type { Access } from '../access/access.js';
import { RequestError, refusalOf, sendText } from '../request/failure.js';
import { checkAnnouncedLength, readBody } from '../request/read-body.js';
import { RequestLimiter } from '../request/request-limiter.js';
import { requirePost } from '../request/require-post.js';
import { ClientRates } from './client-rates.js';
import { RepeatedRefusals } from './repeated-refusals.js';
import { Turns } from './turns.js';
import { WriteMetrics } from './write-metrics.js';
import { protocolOf, writeProtocol } from './write-protocol.js';

const WARN_INTERVAL_MS = 60_000;

export interface WriteRouteOptions {
  readonly store: WriteSink;
  /** Where histograms and exemplars go. */
  readonly more: MoreSinks;
  readonly access: Access;
  readonly settings: ReceiverSettings;
  readonly log: Logger;
  readonly registry: Registry;
  readonly now: () => number;
}

/**
 * `POST /api/v1/write`: Remote-Write 1.0 and 2.0. 204 where everything was taken; 400 with the reasons where something was
 * not, and then the rest is kept; 204 again where the same was refused before. Of a request that is refused as a whole nothing is
 * kept. The 2.0 Written headers count what is kept, and what the rules say not to keep.
 */
export async function writeRoute(
  app: FastifyInstance,
  { store, more, access, settings, log, registry, now }: WriteRouteOptions,
): Promise<void> {
  const receiver = new WriteReceiver(store, settings, more);
  const metrics = new WriteMetrics(registry);
  const rates = new ClientRates({ ...settings, log, registry });
  const turns = new Turns();
  const refusals = new RepeatedRefusals();
  const warnings = new ThrottledLog(log, WARN_INTERVAL_MS, now);
  const refused = new ThrottledLog({ warn: log.info.bind(log) }, WARN_INTERVAL_MS, now);
  const answer = (reply: FastifyReply, stats: WriteStats, client: string): FastifyReply => {
    if (!stats.accepted) {
      for (const { cause, samples } of stats.refusals) {
        warnings.warn({ client, samples, first: stats.problems[0] }, `samples were refused: ${cause}`);
      }
      const { refusal } = stats;
      if (refusal === undefined || !refusals.isRepeated(refusal, now())) {
        throw new RefusedSamples('badData', stats.toString());
      }
      metrics.countRepeatedRefusal();
    }
    return reply.code(204).send();
  };
  const limiter = new RequestLimiter({ ...settings, random: Math.random, waitMs: () => turns.waitMs });

  // The route takes the body as a stream, whatever its type.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  app.route({
    url: '/api/v1/write',
    // All methods, so that credentials are asked for before anything is said about methods.
    method: app.supportedMethods as HTTPMethods[],
    onRequest: [
      startWrittenHeaders,
      access.require('write'),
      requirePost,
      async (request) => void writeProtocol(request.headers),
      async (request) => checkAnnouncedLength(request.raw, settings.maxBodyBytes),
    ],
    onResponse: async (request, reply) => {
      metrics.countRequest(announcedProtocol(request), reply.statusCode, reply.elapsedTime / 1000);
    },
    errorHandler: (error, request, reply) => {
      const known = refusalOf(error, request, 'debug');
      sendText(known, reply);
      // A sender repeats what is refused, and the others of its kind do as it does.
      const isLogged =
        error instanceof RefusedSamples || known.failure === 'unauthorized' || known.failure === 'internal';
      if (isLogged) return;
      refused.warn({ client: request.ip, reason: known.message }, `requests were refused: ${known.errorType}`);
    },
    handler: async (request, reply) => {
      const protocol = writeProtocol(request.headers);
      rates.check(request.ip, now());
      const inflight = await limiter.enter(request.headers);
      try {
        const body = await readBody(request.raw, settings.maxBodyBytes, inflight);
        const stats = await turns.take((slice) => receiver.receiveInSlices(body, protocol, now(), slice));
        rates.count(request.ip, stats.samples, now());
        metrics.countBody(body.length, stats);
        if (protocol === '2.0') setWrittenHeaders(reply, stats);
        return answer(reply, stats, request.ip);
      } finally {
        inflight.release();
      }
    },
  });
}

/** A part of a request was refused, which is logged by its cause. */
class RefusedSamples extends RequestError {}

/** The headers belong on every answer to a 2.0 request, and to none on 1.0, where Prometheus would take them for a partial write. */
async function startWrittenHeaders(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (announcedProtocol(request) === '2.0') setWrittenHeaders(reply, new WriteStats());
}

function setWrittenHeaders(reply: FastifyReply, stats: WriteStats): void {
  reply.headers({
    'x-prometheus-remote-write-samples-written': stats.samples - stats.refusedSamples,
    'x-prometheus-remote-write-histograms-written': stats.histograms - stats.invalidHistograms,
    'x-prometheus-remote-write-exemplars-written': stats.exemplars - stats.invalidExemplars,
  });
}

function announcedProtocol(request: FastifyRequest) {
  return protocolOf(request.headers['content-type'] ?? 'application/x-protobuf');
}
