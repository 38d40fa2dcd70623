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
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message Histogram {
    uint64 count_int = 1;
    double sum = 3;
    sint32 schema = 4;
    double zero_threshold = 5;
    repeated Span positive_spans = 11;
    repeated sint64 positive_deltas = 12;
    int64 timestamp = 15;
  }
  message Span { sint32 offset = 1; uint32 length = 2; }
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

/** A native histogram of a series: how often each bucket `(2^(i−1), 2^i]` from the first on was hit since the start. */
export interface HistogramPoint {
  readonly timeMs: number;
  readonly sum: number;
  readonly counts: readonly number[];
}

/** Sends native histograms of one series by remote-write 1.0, in order of time. Throws for any answer but 2xx. */
export async function sendHistograms(
  writeUrl: string,
  labels: Readonly<Record<string, string>>,
  points: readonly HistogramPoint[],
): Promise<void> {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => ({ name, value }));
  for (let start = 0; start < points.length; start += 500) {
    const histograms = points.slice(start, start + 500).map(({ timeMs, sum, counts }) => ({
      countInt: counts.reduce((total, count) => total + count, 0),
      sum,
      schema: 0,
      zeroThreshold: 1e-128,
      positiveSpans: [{ offset: 0, length: counts.length }],
      positiveDeltas: counts.map((count, i) => count - (counts[i - 1] ?? 0)),
      timestamp: timeMs,
    }));
    const request = WriteRequest.fromObject({ timeseries: [{ labels: pairs, histograms }] });
    await sendBody(writeUrl, new Uint8Array(compress(WriteRequest.encode(request).finish())));
  }
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
