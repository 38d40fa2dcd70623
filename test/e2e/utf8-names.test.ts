import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeLabels } from '#src/model/labels/labels.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { encodeReadRequest } from '#src/wire/read/read-request.js';
import { MINUTE } from '../fixtures.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { getJson } from '../harness/json-api.js';
import { type Receiver, startReceiver } from '../harness/receiver.js';
import { sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { decodeProto } from '../wire/proto.js';

/** Names as OpenTelemetry, Telegraf, people and attackers make them: of the metric, and of a label with its value. */
const NAMES: [metric: string, label: string, value: string][] = [
  ['http.server.requests', 'k8s.pod.name', 'web-0'],
  ['name with spaces', 'label with spaces', ' value '],
  ['quoted "name"', 'quoted "label"', 'quoted "value"'],
  ["it's `one`", "it's `two`", "it's `three`"],
  ['back\\slash', 'back\\slash', 'back\\slash\\'],
  ['new\nline', 'tab\tline', 'a\nb\r\t'],
  ['\u6e29\u5ea6', '\u30db\u30b9\u30c8', '\u6771\u4eac'],
  ['temp\u{1f321}\ufe0f', '\u{1f4cd}', '\u{1f3e0}'],
  ['gr\u00f6\u00dfe', 'stra\u00dfe', 'M\u00fcnchner'],
  ['{braces}=~[.*]', '{{ $labels.x }}', '$value {{ . }}'],
  ['<script>alert(1)</script>', 'a&b', '</td>'],
  ['percent%20/slash?query#hash', 'a/b', '../..'],
  ['U__http_2e_requests', 'U__a_2e_b', 'U__'],
  ['long_'.padEnd(2_000, 'n\u00e4me.'), 'label.'.padEnd(250, 'n.'), 'v'.repeat(2_000)],
  ['colon:name', '__double__', ''],
  ['plain', 'plain', 'plain'],
];

const quoted = (text: string) => JSON.stringify(text);
const labelsOf = ([metric, label, value]: (typeof NAMES)[number]): Record<string, string> =>
  value === '' ? { __name__: metric } : { __name__: metric, [label]: value };
const sorted = (labels: Record<string, string>) => Object.fromEntries(Object.entries(labels).sort());

describe('a series with names of any characters', { timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  let sentio: Sentio;
  let receiver: Receiver;
  const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE;

  before(async () => {
    receiver = await startReceiver(cleanup);
    const folder = join(await temporaryFolder(cleanup), 'data');
    sentio = await startSentio(
      cleanup,
      {
        remote_write: [{ url: receiver.writeUrl, name: 'receiver', queue_config: { batch_send_deadline: '200ms' } }],
        rules: [
          { name: 'all', match: ['{__name__=~"(?s).+"}'], step: '1s', publish_delay: '100ms', aggregate: 'mean' },
        ],
        engine: { snapshot_interval: '1s' },
      },
      { flags: [`--storage.path=${folder}`] },
    );
    await sendSeries(
      sentio.writeUrl,
      NAMES.map((name, n) => ({
        labels: labelsOf(name),
        points: Array.from({ length: 100 }, (_, i) => ({ timeMs: Date.now() - (100 - i) * 1_000, value: n + (i % 5) })),
      })),
    );
    await eventually('all series are fitted', isFitted);
  });
  after(() => cleanup.run());

  async function isFitted(): Promise<boolean> {
    const { data } = (await getJson(`${sentio.url}/api/v1/series?limit=100`)) as { data: { fit?: object }[] };
    return data.length === NAMES.length && data.every(({ fit }) => fit !== undefined);
  }

  const api = async (path: string, params: [string, string][]) =>
    (await getJson(`${sentio.url}${path}?${new URLSearchParams(params)}`)) as { data: unknown };

  for (const name of NAMES) {
    const [metric, label, value] = name;
    const text = JSON.stringify(metric).slice(0, 40);
    const selector = value === '' ? `{${quoted(metric)}}` : `{${quoted(metric)}, ${quoted(label)}=${quoted(value)}}`;
    const forecast = `{${quoted(`${metric}_yhat`)}, sentio="forecast"}`;

    it(`is found by the page's API: ${text}`, async () => {
      const { data } = (await api('/api/v1/series', [['match[]', selector]])) as { data: { metric: object }[] };
      assert.deepEqual(
        data.map(({ metric }) => sorted(metric as Record<string, string>)),
        [sorted(labelsOf(name))],
      );
      for (const path of ['/api/v1/forecast', '/api/v1/explain']) {
        const found = (await api(path, [['match[]', selector]])) as { data: { metric: object }[] | object };
        assert.equal([found.data].flat().length, 1, path);
      }
    });

    it(`is found by the query API: ${text}`, async () => {
      const vector = async (query: string) =>
        ((await api('/prometheus/api/v1/query', [['query', query]])).data as { result: { metric: object }[] }).result;
      assert.deepEqual(sorted((await vector(selector))[0]!.metric as Record<string, string>), sorted(labelsOf(name)));
      assert.equal((await vector(forecast)).length, 1);
      const series = (await api('/prometheus/api/v1/series', [['match[]', forecast]])).data as unknown[];
      assert.equal(series.length, 1);
    });

    it(`is among the values of its label: ${text}`, async () => {
      const plain = value === '' ? '__name__' : label;
      const escaped = `U__${Array.from(plain, (c) => (c === '_' ? '__' : /[a-zA-Z0-9:]/.test(c) ? c : `_${c.codePointAt(0)!.toString(16)}_`)).join('')}`;
      for (const text of plain.startsWith('U__') ? [escaped] : [plain, escaped]) {
        const path = `/prometheus/api/v1/label/${encodeURIComponent(text)}/values`;
        const { data } = await api(path, [['match[]', `{${quoted(metric)}}`]]);
        assert.deepEqual(data, [value === '' ? metric : value], text);
      }
    });

    it(`is read by remote_read, and published: ${text}`, async () => {
      const matchers = [
        { name: '__name__', type: '=', value: `${metric}_yhat` },
        { name: 'sentio', type: '=', value: 'forecast' },
      ] as const;
      const request = encodeReadRequest({ startMs: nowMs, endMs: nowMs + MINUTE, matchers }, ['samples']);
      const response = await fetch(`${sentio.url}/api/v1/read`, {
        method: 'POST',
        body: new Uint8Array(compress(request)),
      });
      assert.equal(response.status, 200);
      const body = new SnappyDecoder().decode(new Uint8Array(await response.arrayBuffer()), 1e6);
      const { results } = decodeProto<{ results: { timeseries: { labels: object[] }[] }[] }>(
        'prometheus.ReadResponse',
        body,
      );
      assert.deepEqual(
        results[0]!.timeseries.map(({ labels }) => labels),
        [makeLabels({ ...labelsOf(name), __name__: `${metric}_yhat`, sentio: 'forecast' })],
      );
    });
  }

  it('is published, and known again after a restart', async () => {
    const now = () => Date.now();
    await sendSeries(
      sentio.writeUrl,
      NAMES.map((name) => ({ labels: labelsOf(name), points: [{ timeMs: now(), value: 1 }] })),
    );
    await eventually('forecasts are published', () => NAMES.every(([metric]) => receiver.points.has(`${metric}_yhat`)));
    process.kill(sentio.process.pid, 'SIGTERM');
    await sentio.process.exited;
    await sentio.restart();
    assert.ok(await isFitted());
  });
});
