import assert from 'node:assert/strict';
import { pino } from 'pino';
import { CronTimes } from '#src/calendar/cron-times.js';
import { readIcal } from '#src/calendar/ical/ical-events.js';
import { ConfigError } from '#src/config/document/problems.js';
import { parseConfig } from '#src/config/load.js';
import { restoreSnapshot } from '#src/engine/snapshot/engine-snapshot.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import { readModel } from '#src/forecast/model/fitted-model.js';
import { limitParam, lookbackParam, rangeTimes } from '#src/http/prometheus/query-params.js';
import { RequestError } from '#src/http/request/failure.js';
import { parseQuery as parseQueryString } from '#src/http/request/parse-query.js';
import { durationParam, integerParam, timeParam } from '#src/http/request/query-params.js';
import { UsageError } from '#src/lib/errors.js';
import { REQUEST_LIMITS } from '#src/model/labels/matcher.js';
import { formatSelector, parseSelector, SelectorError } from '#src/model/labels/selector.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { ruleChooser } from '#src/model/settings/rule-chooser.js';
import { parseQuery } from '#src/promql/parse.js';
import { PromqlError } from '#src/promql/promql-error.js';
import { SeriesStore } from '#src/series/series-store.js';
import { encodeSnapshot } from '#src/series/snapshot/snapshot-format.js';
import { SnapshotError } from '#src/series/snapshot/snapshot-record.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { WireError } from '#src/wire/core/wire-error.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { decodeChunkedResponse } from '#src/wire/read/chunked-answer.js';
import { crc32c } from '#src/wire/read/crc32c.js';
import { decodeReadResponse } from '#src/wire/read/read-answer.js';
import { decodeReadRequest, encodeReadRequest } from '#src/wire/read/read-request.js';
import { XorDecoder } from '#src/wire/read/xor-decoder.js';
import { XorEncoder } from '#src/wire/read/xor-encoder.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { decodeWriteRequest1 } from '#src/wire/receive/write-request-1.js';
import { encodeProto } from '../wire/proto.js';
import { assertSameSamples, type ReflectedSeries, reflect } from './differential.js';
import type { FuzzTarget } from './fuzz.js';

const T0 = 1_700_000_000_000;
const MAX_DECODED = 1 << 20;
const MAX_ROWS = 10_000;

const LABELS = [
  { name: '__name__', value: 'up' },
  { name: 'job', value: 'a' },
];
const SAMPLES = [
  { value: 1, timestamp: T0 },
  { value: -0.5, timestamp: T0 + 15_000 },
];
const HISTOGRAM = {
  countInt: 3,
  sum: 4,
  schema: 3,
  zeroThreshold: 0.001,
  zeroCountInt: 1,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveDeltas: [1, 0],
  timestamp: T0,
};

/** Runs it; errors of these classes are its answer to what is wrong. */
function refusing<T>(errors: readonly (new (...args: never[]) => Error)[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (errors.some((known) => error instanceof known)) return undefined;
    throw error;
  }
}

function text(...parts: string[]): Uint8Array[] {
  return parts.map((part) => Buffer.from(part));
}

function textOf(input: Uint8Array): string {
  return Buffer.from(input).toString();
}

const snappy = new SnappyDecoder();
const batch = new WriteBatch(MAX_ROWS);
const xor = new XorDecoder();
const silent = pino({ level: 'silent' });

/** What holds for an answer's series holds for those of a request. */
const PROTO_TOKENS = [
  Buffer.from('0a085f5f6e616d655f5f', 'hex'),
  Buffer.from('09000000000000f03f1080d095ffbc31', 'hex'),
  encodeProto('prometheus.Label', { name: 'a', value: 'b' }),
  encodeProto('prometheus.Sample', SAMPLES[0]!),
];

const RULES = `
rules:
  - name: a
    match: [up, '{__name__=~"node_.+"}']
    step: 1m
    history: 15d
    horizons: [1h, 4h]
    prophet: {growth: logistic, cap: 10, seasonalities: [{name: x, period: 3d, fourier_order: 3}]}
    anomaly: {direction: up, min_deviation: 5}
`;

const SNAPSHOT_STORE = new SeriesStore({
  ...RECEIVER_DEFAULTS,
  chooseRule: ruleChooser(parseConfig('defaults: {history: 2h, step: 1m}', '.').rules),
  seriesIdleTimeoutMs: 3_600_000,
  maxIgnoredBytes: 1e6,
  log: silent,
});

/** A snapshot of one series, and the bytes of its record. */
function snapshotRecord(): Uint8Array {
  const block = encodeProto('prometheus.TimeSeries', { labels: LABELS });
  SNAPSHOT_STORE.beginRequest(T0);
  SNAPSHOT_STORE.append(SNAPSHOT_STORE.resolve(block, 0, block.length), T0, 5);
  const pieces = [
    ...encodeSnapshot(T0, SNAPSHOT_STORE.ids(), (id, record) => SNAPSHOT_STORE.saveSeries(id, record)),
  ].map((piece) => Buffer.from(piece));
  SNAPSHOT_STORE.clear();
  // Length of the records, then of the first; behind it the checksum.
  return pieces[1]!.subarray(8, -4);
}

export const TARGETS: readonly FuzzTarget[] = [
  {
    name: 'snappy',
    files: ['wire/core/snappy'],
    seeds: [compress(Buffer.from('abcdabcdabcd'.repeat(20))), compress(Buffer.alloc(0)), compress(Buffer.alloc(5000))],
    tokens: [Buffer.of(0xf0), Buffer.of(0xf4), Buffer.of(0xfc, 0xff, 0xff, 0xff), Buffer.of(0x01, 0x04)],
    run(input) {
      const decoded = refusing([WireError], () => snappy.decode(input, MAX_DECODED));
      if (decoded === undefined) return;
      const kept = Uint8Array.from(decoded);
      assert.deepEqual(new SnappyDecoder().decode(compress(kept), MAX_DECODED), kept);
    },
  },
  {
    name: 'write-1.0',
    files: ['wire/receive', 'wire/core/proto-cursor', 'wire/core/write-batch'],
    seeds: [
      encodeProto('prometheus.WriteRequest', { timeseries: [{ labels: LABELS, samples: SAMPLES }] }),
      encodeProto('prometheus.WriteRequest', {
        timeseries: [
          { labels: LABELS, histograms: [HISTOGRAM], exemplars: [{ labels: LABELS, value: 1, timestamp: T0 }] },
        ],
        metadata: [{ type: 1, metricFamilyName: 'up', help: 'h', unit: 's' }],
      }),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      const accepted = refusing([WireError], () => {
        decodeWriteRequest1(input, batch);
        return true;
      });
      if (accepted === undefined) return;
      const reflected = reflect<{ timeseries: ReflectedSeries[] }>('prometheus.WriteRequest', input);
      // What is not kept, such as exemplars, is passed over and not looked into.
      if (reflected === undefined) return;
      assertSameSamples(batch, reflected.timeseries);
    },
  },
  {
    name: 'write-2.0',
    files: ['wire/receive', 'wire/core/proto-cursor', 'wire/core/write-batch'],
    seeds: [
      encodeProto('io.prometheus.write.v2.Request', {
        symbols: ['', '__name__', 'up', 'job', 'a'],
        timeseries: [{ labelsRefs: [1, 2, 3, 4], samples: SAMPLES, metadata: { type: 1, helpRef: 3, unitRef: 4 } }],
      }),
      encodeProto('io.prometheus.write.v2.Request', {
        symbols: ['', '__name__', 'up'],
        timeseries: [
          { labelsRefs: [1, 2], histograms: [HISTOGRAM], exemplars: [{ labelsRefs: [1, 2], value: 1, timestamp: T0 }] },
        ],
      }),
    ],
    tokens: [...PROTO_TOKENS, Buffer.from('0a0401020304', 'hex'), Buffer.from('22085f5f6e616d655f5f', 'hex')],
    run(input) {
      let samples = 0;
      const receiver = new WriteReceiver(
        {
          beginRequest: () => {},
          resolve: () => 0,
          countUntracked: () => {},
          append: () => {
            samples++;
            return 0;
          },
          appendStale: () => {
            samples++;
            return 0;
          },
          setMetricType: () => {},
          describe: () => '',
        },
        { maxDecodedBytes: MAX_DECODED, maxSamplesPerRequest: MAX_ROWS },
      );
      const stats = refusing([WireError], () => receiver.receive(compress(input), '2.0', T0));
      if (stats === undefined) {
        assert.equal(samples, 0, 'a request that is refused was delivered in part');
        return;
      }
      const reflected = reflect<{ timeseries: ReflectedSeries[] }>('io.prometheus.write.v2.Request', input);
      // What is not kept, such as exemplars, is passed over and not looked into.
      if (reflected === undefined) return;
      const sent = reflected.timeseries.reduce((sum, series) => sum + (series.samples?.length ?? 0), 0);
      assert.equal(stats.samples, sent, 'another number of samples than protobufjs reads');
      const refused = stats.byUntracked.reduce((sum, count) => sum + count, 0);
      assert.equal(samples + refused, sent, 'received is not delivered and refused');
    },
  },
  {
    name: 'read-request',
    files: ['wire/read/read-request'],
    seeds: [
      encodeReadRequest(
        {
          startMs: T0,
          endMs: T0 + 1,
          matchers: [{ name: 'a', type: '=~', value: 'b' }],
          hints: { stepMs: 1, func: 'rate' },
        },
        ['samples'],
      ),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      const request = refusing([WireError], () => decodeReadRequest(input));
      for (const query of request?.queries ?? []) {
        // Larger times are not exact as numbers, and the encoder is given none.
        if (![query.startMs, query.endMs].every(Number.isSafeInteger)) continue;
        assert.deepEqual(decodeReadRequest(encodeReadRequest(query, ['samples'])).queries[0], query);
      }
    },
  },
  {
    name: 'read-response',
    files: ['wire/read/read-answer', 'wire/core/proto-cursor', 'wire/receive/sample'],
    seeds: [
      encodeProto('prometheus.ReadResponse', { results: [{ timeseries: [{ labels: LABELS, samples: SAMPLES }] }] }),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      let samples = 0;
      const accepted = refusing([WireError], () => {
        for (const series of decodeReadResponse(input, batch)) samples += series.samples.timesMs.length;
        return true;
      });
      if (accepted === undefined) return;
      const reflected = reflect<{ results: { timeseries: ReflectedSeries[] }[] }>('prometheus.ReadResponse', input);
      // What is not kept, such as exemplars, is passed over and not looked into.
      if (reflected === undefined) return;
      const sent = reflected.results.flatMap(({ timeseries }) => timeseries.flatMap((series) => series.samples ?? []));
      assert.equal(samples, sent.length, 'another number of samples than protobufjs reads');
    },
  },
  {
    name: 'chunks',
    files: ['wire/read/chunked-answer', 'wire/read/xor-decoder', 'wire/core/proto-cursor'],
    seeds: [
      encodeProto('prometheus.ChunkedReadResponse', {
        chunkedSeries: [
          {
            labels: LABELS,
            chunks: [
              { minTimeMs: T0, maxTimeMs: T0 + 15_000, type: 1, data: xorChunk([1, 2.5, 2.5, Number.NaN, 1e300]) },
            ],
          },
        ],
      }),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      // As a frame: the checksum is right.
      const head: number[] = [];
      for (let length = input.length; ; length >>= 7) {
        head.push(length > 0x7f ? (length & 0x7f) | 0x80 : length);
        if (length <= 0x7f) break;
      }
      const crc = Buffer.alloc(4);
      crc.writeUInt32BE(crc32c(input));
      const body = Buffer.concat([Buffer.from(head), crc, input]);
      refusing([WireError], () => {
        for (const { samples } of decodeChunkedResponse(body, batch)) assert.ok(samples.timesMs.length <= MAX_ROWS);
      });
    },
  },
  {
    name: 'xor-chunk',
    files: ['wire/read/xor-decoder'],
    seeds: [xorChunk([1, 1, 2, 2.5, -3]), xorChunk([0]), xorChunk([1e300, Number.NaN, Infinity, 5e-324])],
    tokens: [],
    run(input) {
      batch.clear();
      refusing([WireError], () => xor.decode(input, 0, input.length, batch));
    },
  },
  {
    name: 'snapshot',
    files: ['series/series-snapshot', 'series/snapshot', 'engine/snapshot/engine-snapshot', 'engine/series'],
    seeds: [snapshotRecord()],
    tokens: [Buffer.of(0, 0, 0, 0), Buffer.of(1, 0, 0, 0), Buffer.of(255, 255, 255, 255)],
    async run(input) {
      // As a whole file: the checksums are right.
      const snapshot = Buffer.concat(
        [...encodeSnapshot(T0, [0], (_, record) => record.raw(input))].map((piece) => Buffer.from(piece)),
      );
      let at = 0;
      const read = async (length: number) => {
        const part = snapshot.subarray(at, at + length);
        at += part.length;
        return Uint8Array.from(part);
      };
      try {
        await restoreSnapshot(SNAPSHOT_STORE, read, T0 + 1000);
      } catch (error) {
        if (!(error instanceof SnapshotError)) throw error;
        assert.equal(SNAPSHOT_STORE.size, 0, 'a snapshot that is refused is taken in part');
      }
      SNAPSHOT_STORE.clear();
    },
  },
  {
    name: 'model',
    files: ['forecast/model/fitted-model', 'forecast/model/evaluate'],
    seeds: [modelBytes()],
    tokens: [Buffer.from(new Float64Array([1, 2 ** 31]).buffer), Buffer.from(new Float64Array([Number.NaN]).buffer)],
    run(input) {
      const model = readModel(input);
      if (model !== undefined) evaluate(model, Float64Array.of(T0, T0 + 86_400_000), { intervalWidth: 0.9 });
    },
  },
  {
    name: 'selector',
    files: ['model/labels/selector', 'model/labels/promql-string', 'model/labels/matcher'],
    seeds: text('up{job=~"a|b"}', '{"utf.8 name", "label.x"!="v"}', "{__name__=~'node_.+', a!~`x`}"),
    tokens: text('=~', '!~', '!=', '{', '}', '"', "'", '\\u1234', '\\x41', '__name__', '.*', '(?i)', '[a-z]', '{2,3}'),
    run(input) {
      const matchers = refusing([SelectorError], () => parseSelector(textOf(input), REQUEST_LIMITS));
      if (matchers !== undefined) assert.deepEqual(parseSelector(formatSelector(matchers), REQUEST_LIMITS), matchers);
    },
  },
  {
    name: 'promql',
    files: ['promql/'],
    seeds: text(
      'sum by (job) (rate(up{job=~"a|b"}[5m] offset -1h)) / on(job) group_left(x) avg(up) > bool 0.5',
      'm - m_yhat unless 2 ^ -3 @ start()',
      'count_values("x", m[1h:5m])',
    ),
    tokens: text(
      'by (a)',
      'offset',
      '@',
      'end()',
      'and',
      '[5m]',
      ':',
      '"',
      'bool',
      '1e9',
      '0x',
      'Inf',
      '1h30m',
      '#',
      '-',
    ),
    run(input) {
      refusing([PromqlError, SelectorError], () => parseQuery(textOf(input)));
    },
  },
  {
    name: 'config',
    files: ['config/'],
    seeds: text(
      RULES,
      'receiver: {max_series: 5, external_labels: [a], max_body_bytes: 1MiB}',
      'remote_write:\n  - url: http://a/b\n    basic_auth: {username: a, password: b}\n    queue_config: {capacity: 5000}\n',
      'engine: {snapshot_interval: 5m}\nremote_read: [{url: "http://a/api/v1/read", window: 1d}]\ndefaults: {step: 30s}',
    ),
    tokens: text(
      ': ',
      '- ',
      '\n  ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '<<: ',
      '!!',
      '|',
      '1d',
      '5m',
      '.inf',
      '~',
      '"',
      '#',
    ),
    run(input) {
      const source = textOf(input);
      // Files that the configuration names would be read.
      if (!/file/i.test(source)) refusing([ConfigError], () => parseConfig(source, '/nowhere'));
    },
  },
  {
    name: 'ical',
    files: [
      'calendar/ical/ical-document',
      'calendar/ical/ical-events',
      'calendar/ical/ical-time',
      'calendar/ical/ical-zones',
    ],
    seeds: text(
      'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Europe/Berlin:20260105T090000\r\nDURATION:PT2H\r\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=9\r\nEXDATE:20260112T080000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:b\nSUMMARY:a\\,b\n c\nDTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260303\nEND:VEVENT\nEND:VCALENDAR\n',
    ),
    tokens: text(
      'RRULE:FREQ=DAILY;',
      'INTERVAL=',
      'UNTIL=20270101T000000Z',
      'BYMONTHDAY=-1',
      'RECURRENCE-ID:',
      'RDATE:',
      'TZID=',
      'PT1H',
      '99991231T235959Z',
      'STATUS:CANCELLED',
      '\r\n',
      ';',
    ),
    run(input) {
      const years = { first: 2026, last: 2027 };
      refusing([UsageError], () => {
        for (const { fromMs, toMs } of readIcal(textOf(input), years)) assert.ok(fromMs < toMs);
      });
    },
  },
  {
    name: 'cron',
    files: ['calendar/cron-times'],
    seeds: text('0 3 * * 1-5', '*/15 0-6 1,15 JAN sun', '0 0 L * *'),
    tokens: text('* ', '/', '-', ',', 'L', 'W', '#', 'MON', '@daily', '59', '?'),
    run(input) {
      refusing([UsageError], () => {
        const nextMs = new CronTimes(textOf(input)).next(T0);
        assert.ok(nextMs === undefined || nextMs > T0);
      });
    },
  },
  {
    name: 'query-params',
    files: ['http/request/query-params', 'http/request/parse-query', 'http/prometheus/query-params', 'lib/durations'],
    seeds: text('start=1700000000&end=2023-11-14T22:13:20Z&step=1m&limit=10&lookback_delta=5m&match[]=up'),
    tokens: text(
      'start=',
      'end=',
      'step=',
      'limit=',
      '__proto__=',
      'constructor=',
      '%',
      '1h30m',
      '-1',
      '1e400',
      '&',
      'Z',
    ),
    run(input) {
      const form = parseQueryString(textOf(input));
      const one = (name: string) => [form[name] ?? []].flat()[0];
      refusing([RequestError], () => assert.ok(rangeTimes(form).length <= 11_001));
      refusing([RequestError], () => assert.ok(lookbackParam(form) > 0));
      refusing([RequestError], () => assert.ok(limitParam(form) > 0));
      refusing([RequestError], () => assert.ok(Number.isInteger(timeParam('start', one('start'), 0))));
      refusing([RequestError], () => assert.ok(durationParam('step', one('step'), 1) > 0));
      refusing([RequestError], () => assert.ok(integerParam('limit', one('limit'), 1, 100) <= 100));
    },
  },
];

function xorChunk(values: readonly number[]): Uint8Array {
  const timesMs = Float64Array.from(values, (_, i) => T0 + 15_000 * i + (i % 3));
  return Uint8Array.from(new XorEncoder().encode(timesMs, Float64Array.from(values), 0, values.length));
}

/** Of a series of two days with a daily season. */
function modelBytes(): Uint8Array {
  const timesMs = Float64Array.from({ length: 300 }, (_, i) => T0 + 600_000 * i);
  const values = timesMs.map((timeMs) => 10 + Math.sin(timeMs / 13_750_987));
  const [rule] = parseConfig(RULES.replace(/growth: logistic, cap: 10, /, ''), '.').rules;
  const { model } = fitProphet({ timesMs, values }, rule!.settings.prophet);
  return new Uint8Array(model.data.slice().buffer);
}
