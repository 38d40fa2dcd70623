import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { ExemplarStore } from '#src/exemplars/exemplar-store.js';
import { exemplarRoute } from '#src/http/prometheus/exemplar-route.js';
import { takeForms } from '#src/http/prometheus/query-form.js';
import { sendJsonError } from '#src/http/request/failure.js';
import { Reads } from '#src/http/request/reads.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';

test('query_exemplars answers with those of every series that a selector in the query selects', async (t) => {
  const exemplars = new ExemplarStore({ isWanted: () => true, externalLabels: [] });
  for (const name of ['m_bucket', 'n']) {
    const block = encodeLabelBlock(makeLabels({ __name__: name, job: 'a' }));
    const ref = exemplars.find(block, 0, block.length);
    exemplars.append(ref, { labels: makeLabels({ trace_id: 'x' }), value: 0.25, timeMs: 5_500 });
  }
  const app = Fastify();
  t.after(() => app.close());
  takeForms(app);
  app.setErrorHandler(sendJsonError);
  await app.register(exemplarRoute, { exemplars, reads: new Reads(new Registry()), now: () => 10_000 });
  const ask = async (parameters: Record<string, string>, method: 'GET' | 'POST' = 'GET') => {
    const form = new URLSearchParams(parameters).toString();
    const answer =
      method === 'GET'
        ? await app.inject(`/query_exemplars?${form}`)
        : await app.inject({
            method,
            url: '/query_exemplars',
            payload: form,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
    return { status: answer.statusCode, body: answer.json() };
  };
  const query = 'histogram_quantile(0.99, sum by (le) (rate(m_bucket{job="a"}[5m])))';
  const data = [
    {
      seriesLabels: { __name__: 'm_bucket', job: 'a' },
      exemplars: [{ labels: { trace_id: 'x' }, value: '0.25', timestamp: 5.5 }],
    },
  ];
  for (const method of ['GET', 'POST'] as const) {
    assert.deepEqual(await ask({ query, start: '5', end: '6' }, method), {
      status: 200,
      body: { status: 'success', data },
    });
  }
  assert.deepEqual((await ask({ query, start: '6', end: '7' })).body.data, []);
  assert.equal((await ask({ query: 'm_bucket + n' })).body.data.length, 2);
  for (const wrong of [{ query: 'm{' }, { query, start: '7', end: '6' }]) {
    const { status, body } = await ask(wrong);
    assert.deepEqual([status, body.errorType], [400, 'bad_data']);
  }
});
