import protobuf from 'protobufjs';
import { compress, uncompress } from 'snappyjs';

/** A series on the wire: labels with `__name__`, points in time order. */
export interface SeriesPoints {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

// Written from the specification, apart from the product's own schema, so that a mistake there shows here.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
`);
const WriteRequest = root.lookupType('WriteRequest');

/** A remote-write 1.0 body: the request of these series, compressed. */
function encodeWriteRequest(series: readonly SeriesPoints[]): Uint8Array<ArrayBuffer> {
  const timeseries = series.map(({ labels, points }) => ({
    labels: Object.entries(labels)
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([name, value]) => ({ name, value })),
    samples: points.map(({ timeMs, value }) => ({ value, timestamp: timeMs })),
  }));
  return new Uint8Array(compress(WriteRequest.encode(WriteRequest.fromObject({ timeseries })).finish()));
}

/** Reads a remote-write 1.0 body of a sender that is trusted. */
export function decodeWriteRequest(body: Uint8Array): SeriesPoints[] {
  const { timeseries } = WriteRequest.toObject(WriteRequest.decode(uncompress(body)), {
    arrays: true,
    defaults: true,
    longs: Number,
  }) as {
    timeseries: { labels: { name: string; value: string }[]; samples: { value: number; timestamp: number }[] }[];
  };
  return timeseries.map(({ labels, samples }) => ({
    labels: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    points: samples.map(({ value, timestamp }) => ({ timeMs: timestamp, value })),
  }));
}

/** Sends series by remote-write 1.0, in requests of 2,000 samples of every series in time order, as a sender would. Throws for any answer but 2xx. */
export async function sendSeries(writeUrl: string, series: readonly SeriesPoints[]): Promise<void> {
  const longest = Math.max(...series.map(({ points }) => points.length));
  const pointsPerRequest = Math.max(1, Math.floor(2_000 / series.length));
  for (let start = 0; start < longest; start += pointsPerRequest) {
    const part = series.map(({ labels, points }) => ({
      labels,
      points: points.slice(start, start + pointsPerRequest),
    }));
    await sendBody(writeUrl, encodeWriteRequest(part.filter(({ points }) => points.length > 0)));
  }
}

async function sendBody(writeUrl: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(writeUrl, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
    },
    body,
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${writeUrl}: ${response.status} ${text}`);
}
