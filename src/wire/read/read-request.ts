import protobuf from 'protobufjs';
import type { Matcher } from '../../model/labels/matcher.js';
import { WireError } from '../core/wire-error.js';
import { ReadRequestMessage } from './messages.js';

/** A remote-read query: the samples of all series that match, from `startMs` to `endMs`, both inclusive. */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
  /** What the client is about to compute; a hint. */
  readonly hints?: ReadHints;
}

interface ReadHints {
  /** Time between the instants that are computed; 0 for a single one. */
  readonly stepMs: number;
  /** The PromQL function around the selector; `series` where only the labels are wanted. */
  readonly func: string;
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** Response types that the client accepts, best first; unknown ones are left out. */
  readonly acceptedTypes: readonly ResponseType[];
}

/** As prometheus.ReadRequest.ResponseType numbers them. */
const RESPONSE_TYPES = ['samples', 'streamed_xor_chunks'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

/** As prometheus.LabelMatcher.Type numbers them. */
const MATCHER_TYPES = ['=', '!=', '=~', '!~'] as const;

interface RequestMessage {
  readonly queries: readonly {
    readonly startTimestampMs: number;
    readonly endTimestampMs: number;
    readonly matchers: readonly { readonly type: number; readonly name: string; readonly value: string }[];
    readonly hints?: ReadHints | null;
  }[];
  readonly acceptedResponseTypes: readonly number[];
}

/** Encodes a prometheus.ReadRequest of one query; not compressed. */
export function encodeReadRequest(query: ReadQuery, acceptedTypes: readonly ResponseType[]): Uint8Array {
  const message: RequestMessage = {
    queries: [
      {
        startTimestampMs: query.startMs,
        endTimestampMs: query.endMs,
        matchers: query.matchers.map(({ type, name, value }) => ({ type: MATCHER_TYPES.indexOf(type), name, value })),
        ...(query.hints && { hints: query.hints }),
      },
    ],
    acceptedResponseTypes: acceptedTypes.map((type) => RESPONSE_TYPES.indexOf(type)),
  };
  return ReadRequestMessage.encode(message).finish();
}

/** What may be in a request of remote-read. */
interface ReadRequestLimits {
  readonly maxQueries: number;
  /** Of all queries together. */
  readonly maxMatchers: number;
}

const UNLIMITED: ReadRequestLimits = { maxQueries: Number.POSITIVE_INFINITY, maxMatchers: Number.POSITIVE_INFINITY };

/** Decodes a prometheus.ReadRequest. Throws `WireError`; what is over a limit is counted and not decoded. */
export function decodeReadRequest(body: Uint8Array, limits = UNLIMITED): ReadRequest {
  checkCounts(body, limits);
  const { queries, acceptedResponseTypes } = decodeMessage(body);
  return {
    queries: queries.map(({ startTimestampMs, endTimestampMs, matchers, hints }) => ({
      startMs: startTimestampMs,
      endMs: endTimestampMs,
      matchers: matchers.map(({ type, name, value }) => ({ type: matcherType(type), name, value })),
      ...(hints && { hints: { stepMs: hints.stepMs, func: hints.func } }),
    })),
    // A client that names no type gets samples (prompb/remote.proto).
    acceptedTypes:
      acceptedResponseTypes.length === 0
        ? ['samples']
        : acceptedResponseTypes.flatMap((type) => RESPONSE_TYPES[type] ?? []),
  };
}

/** The numbers of their fields in their messages. */
const [QUERIES, MATCHERS] = [1, 3];

function checkCounts(body: Uint8Array, { maxQueries, maxMatchers }: ReadRequestLimits): void {
  let [queries, matchers] = [0, 0];
  try {
    const reader = protobuf.Reader.create(body);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag >>> 3 !== QUERIES || (tag & 7) !== 2) {
        reader.skipType(tag & 7);
        continue;
      }
      queries++;
      for (const end = reader.uint32() + reader.pos; reader.pos < end; ) {
        const inner = reader.uint32();
        if (inner >>> 3 === MATCHERS) matchers++;
        reader.skipType(inner & 7);
      }
    }
  } catch {
    // Decoding says what is wrong with it.
    return;
  }
  if (queries > maxQueries)
    throw new WireError('malformed', `${queries} queries: at most ${maxQueries} are allowed in a request`);
  if (matchers > maxMatchers)
    throw new WireError('malformed', `${matchers} matchers: at most ${maxMatchers} are allowed in a request`);
}

function decodeMessage(body: Uint8Array): RequestMessage {
  try {
    const message = ReadRequestMessage.decode(body);
    return ReadRequestMessage.toObject(message, { longs: Number, arrays: true, defaults: true }) as RequestMessage;
  } catch (cause) {
    throw new WireError('malformed', 'the body is not a valid prometheus.ReadRequest', { cause });
  }
}

function matcherType(type: number): Matcher['type'] {
  const known = MATCHER_TYPES[type];
  if (known === undefined) throw new WireError('malformed', `unknown matcher type ${type}`);
  return known;
}
