import type { Matcher } from '../model/matcher.js';
import { ReadRequestMessage } from './messages.js';
import { WireError } from './wire-error.js';

/** What a remote-read asks for: the samples of all series that match, from `startMs` to `endMs`, both inclusive. */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** Forms of the answer that the client takes, best first; those that are not known are left out. */
  readonly acceptedTypes: readonly ResponseType[];
}

/** As prometheus.ReadRequest.ResponseType numbers them. */
const RESPONSE_TYPES = ['samples', 'streamed_xor_chunks'] as const;
type ResponseType = (typeof RESPONSE_TYPES)[number];

/** As prometheus.LabelMatcher.Type numbers them. */
const MATCHER_TYPES = ['=', '!=', '=~', '!~'] as const;

interface RequestMessage {
  readonly queries: readonly {
    readonly startTimestampMs: number;
    readonly endTimestampMs: number;
    readonly matchers: readonly { readonly type: number; readonly name: string; readonly value: string }[];
  }[];
  readonly acceptedResponseTypes: readonly number[];
}

/** Encodes a prometheus.ReadRequest of one query that asks for samples; not compressed. */
export function encodeReadRequest(query: ReadQuery): Uint8Array {
  const message: RequestMessage = {
    queries: [
      {
        startTimestampMs: query.startMs,
        endTimestampMs: query.endMs,
        matchers: query.matchers.map(({ type, name, value }) => ({ type: MATCHER_TYPES.indexOf(type), name, value })),
      },
    ],
    acceptedResponseTypes: [RESPONSE_TYPES.indexOf('samples')],
  };
  return ReadRequestMessage.encode(message).finish();
}

/** Decodes a prometheus.ReadRequest; its hints are advice and not read. Throws `WireError`. */
export function decodeReadRequest(body: Uint8Array): ReadRequest {
  const { queries, acceptedResponseTypes } = decodeMessage(body);
  return {
    queries: queries.map(({ startTimestampMs, endTimestampMs, matchers }) => ({
      startMs: startTimestampMs,
      endMs: endTimestampMs,
      matchers: matchers.map(({ type, name, value }) => ({ type: matcherType(type), name, value })),
    })),
    // A client that names nothing takes samples (prompb/remote.proto).
    acceptedTypes:
      acceptedResponseTypes.length === 0
        ? ['samples']
        : acceptedResponseTypes.flatMap((type) => RESPONSE_TYPES[type] ?? []),
  };
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
  if (known === undefined) throw new WireError('malformed', `matcher type ${type} is not known`);
  return known;
}
