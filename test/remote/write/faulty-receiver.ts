import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';

// The package has no types, and a declaration of them in src is not seen here.
const { uncompress } = createRequire(import.meta.url)('snappyjs') as { uncompress: (block: Uint8Array) => Uint8Array };

const { root } = protobuf.parse(`syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { fixed64 bits = 1; int64 timestamp = 2; }
  message Request { repeated string symbols = 4; repeated TimeSeriesV2 timeseries = 5; }
  message TimeSeriesV2 { repeated uint32 labels_refs = 1; repeated Sample samples = 2; }
`);
const view = new DataView(new ArrayBuffer(8));

/** One series of a request: labels as `name=value,…`, and its only sample. */
export interface ReceivedSample {
  readonly series: string;
  readonly timeMs: number;
  readonly value: number;
  /** The eight bytes of the value, as a big-endian hex number. */
  readonly bits: string;
}

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  readonly samples: readonly ReceivedSample[];
  readonly atMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
/** Decides the answer to a request; undefined hangs up without one, `'hang'` never answers. */
export type Behaviour = (request: ReceivedRequest, nth: number) => Answer | 'hang' | undefined;

export const ok: Answer = { status: 204 };

/** A receiver of remote-write that behaves as told, and keeps what it was sent and what it took. */
export class FaultyReceiver {
  readonly requests: ReceivedRequest[] = [];
  readonly taken: ReceivedSample[] = [];
  /** Paths that were asked by GET. */
  readonly asked: string[] = [];
  /** The answer to a GET. */
  build: Answer = { status: 404 };
  readonly #server: Server;
  behave: Behaviour;

  private constructor(behave: Behaviour) {
    this.behave = behave;
    this.#server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => {
        if (incoming.method === 'GET') {
          this.asked.push(incoming.url ?? '');
          outgoing.writeHead(this.build.status, this.build.headers).end(this.build.body);
          return;
        }
        const request = {
          headers: incoming.headers,
          path: incoming.url ?? '',
          samples: decode(Buffer.concat(chunks), incoming.headers['content-type'] ?? ''),
          atMs: performance.now(),
        };
        this.requests.push(request);
        const answer = this.behave(request, this.requests.length);
        if (answer === 'hang') return;
        if (answer === undefined) {
          incoming.socket.destroy();
          return;
        }
        if (answer.status < 300) this.taken.push(...request.samples);
        outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  }

  static async listen(behave: Behaviour = () => ok, port = 0): Promise<FaultyReceiver> {
    const receiver = new FaultyReceiver(behave);
    await new Promise<void>((resolve) => receiver.#server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/v1/write`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function decode(body: Uint8Array, contentType: string): ReceivedSample[] {
  const bytes = uncompress(body);
  const isV2 = contentType.includes('io.prometheus.write.v2.Request');
  const type = root.lookupType(isV2 ? 'Request' : 'WriteRequest');
  const request = type.toObject(type.decode(bytes), { longs: String, defaults: true });
  return request.timeseries.map((series: Record<string, never>) => {
    const { labels, labelsRefs, samples } = series as unknown as {
      labels: { name: string; value: string }[];
      labelsRefs: number[];
      samples: { bits: string; timestamp: string }[];
    };
    const pairs = isV2
      ? labelsRefs.flatMap((ref, i) =>
          i % 2 ? [] : [`${request.symbols[ref]}=${request.symbols[labelsRefs[i + 1]!]}`],
        )
      : labels.map(({ name, value }) => `${name}=${value}`);
    if (samples.length !== 1) throw new Error(`${pairs} has ${samples.length} samples`);
    const bits = BigInt(samples[0]!.bits);
    view.setBigUint64(0, bits);
    return {
      series: pairs.join(','),
      timeMs: Number(samples[0]!.timestamp),
      value: view.getFloat64(0),
      bits: bits.toString(16).padStart(16, '0'),
    };
  });
}
