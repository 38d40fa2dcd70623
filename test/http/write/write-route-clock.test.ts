import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { compress } from 'snappyjs';
import { createServer } from '#src/http/server.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { WriteRequestEncoder } from '#src/wire/send/encode-write-request.js';
import { storeWith } from '../../engine/fixture.js';
import { MINUTE } from '../../fixtures.js';
import { makeAccess } from '../access-fixture.js';

const NOW = Date.UTC(2026, 5, 1);

test('samples are judged by the clock at the moment their request comes', async (t) => {
  const { store } = storeWith('m', 'history: 1d');
  let nowMs = 0;
  const app = createServer({
    store,
    settings: RECEIVER_DEFAULTS,
    access: makeAccess(),
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    now: () => nowMs,
    ready: () => undefined,
  });
  t.after(() => app.close());
  const send = async (timeMs: number) => {
    const encoder = new WriteRequestEncoder(1);
    encoder.append(encodeLabelBlock(makeLabels({ __name__: 'm' })), '', undefined, timeMs, 1);
    const payload = Buffer.from(compress(encoder.bytes));
    return (await app.inject({ method: 'POST', url: '/api/v1/write', payload })).statusCode;
  };

  nowMs = NOW;
  assert.equal(await send(NOW - 1 * MINUTE), 204, 'the present');
  assert.equal(await send(NOW + 9 * MINUTE), 204, 'within max_future');
  assert.equal(await send(NOW + 11 * MINUTE), 400, 'beyond max_future');
  nowMs = NOW + 2 * MINUTE;
  assert.equal(await send(NOW + 11 * MINUTE), 204, 'two minutes later');
});
