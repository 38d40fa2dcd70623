import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { RequestError } from '#src/http/request/failure.js';
import { ClientRates } from '#src/http/write/client-rates.js';

function makeRates(maxSamplesPerSecond: number) {
  const logged: string[] = [];
  const registry = new Registry();
  const log = pino({}, { write: (line) => logged.push(line) });
  return { rates: new ClientRates({ maxSamplesPerSecond, log, registry }), logged, registry };
}

test('a client that sends too much waits for as long as that was worth, others do not', async () => {
  const { rates, logged, registry } = makeRates(1000);
  rates.check('a', 0);
  rates.count('a', 5000, 0);
  for (let i = 0; i < 3; i++) {
    assert.throws(
      () => rates.check('a', 0),
      (error) => {
        assert.ok(error instanceof RequestError);
        assert.equal(error.failure, 'unavailable');
        assert.equal(error.headers['retry-after'], '5');
        assert.match(error.message, /more than 1000 samples a second came from a \(receiver\.max_samples_per_second\)/);
        return true;
      },
    );
  }
  rates.check('b', 0);
  rates.check('a', 4_001);
  assert.equal(logged.length, 1, 'once a minute');
  assert.match(logged[0]!, /"client":"a"/);
  assert.match(await registry.metrics(), /^sentio_receiver_rate_limited_requests_total 3$/m);
});

test('clients beyond what is remembered push out none that has a debt while others have none', () => {
  const { rates } = makeRates(10);
  rates.count('debtor', 1_000_000, 0);
  for (let i = 0; i < 20_000; i++) rates.count(`client ${i}`, 1, i);
  assert.throws(() => rates.check('debtor', 20_000), RequestError);
});

test('without a limit nobody is put off, and nobody remembered', () => {
  const { rates } = makeRates(Number.POSITIVE_INFINITY);
  rates.count('a', 1e12, 0);
  rates.check('a', 0);
});
