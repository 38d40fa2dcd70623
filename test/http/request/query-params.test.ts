import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '#src/http/request/failure.js';
import { choiceParam, durationParam, integerParam, timeParam } from '#src/http/request/query-params.js';
import { makeServer } from '../server-fixture.js';

test('parameters are read as Prometheus reads them', () => {
  assert.equal(timeParam('start', '1767600000.5', 7), 1767600000500);
  assert.equal(timeParam('start', '2026-01-05T08:00:00Z', 7), 1767600000000);
  assert.equal(timeParam('start', undefined, 7), 7);
  assert.equal(durationParam('step', '0.5', 7), 500);
  assert.equal(durationParam('step', '1h30m', 7), 5_400_000);
  assert.equal(durationParam('step', undefined, 7), 7);
  assert.equal(integerParam('limit', '10', 7, 10), 10);
  assert.equal(choiceParam('order', undefined, ['score', 'outside']), 'score');
});

const BAD: readonly (readonly [text: string, read: (text: string) => unknown, want: RegExp])[] = [
  ['-1h', (text) => timeParam('start', text, 0), /"start": cannot parse "-1h" to a timestamp/],
  ['', (text) => timeParam('start', text, 0), /"start": cannot parse "" to a timestamp/],
  ['0', (text) => durationParam('step', text, 0), /"step": cannot parse "0" to a positive duration/],
  ['-5', (text) => durationParam('step', text, 0), /"step": cannot parse "-5" to a positive duration/],
  ['1x', (text) => durationParam('step', text, 0), /"step": cannot parse "1x" to a positive duration/],
  ['', (text) => durationParam('step', text, 0), /"step": cannot parse "" to a positive duration/],
  ['0', (text) => integerParam('limit', text, 1, 10), /"limit": "0" is not a whole number from 1 to 10/],
  ['x', (text) => choiceParam('order', text, ['a', 'b']), /"order": "x" is not one of a, b/],
];

for (const [text, read, want] of BAD) {
  test(`a parameter is refused with its name: ${want.source}`, () => {
    assert.throws(
      () => read(text),
      (error) => error instanceof RequestError && error.failure === 'badData' && want.test(error.message),
    );
  });
}

test('of a parameter that is given twice the first counts, and match[] is a list', async (t) => {
  const { app } = makeServer(t);
  app.get('/query', async ({ query }) => query);
  const answer = await app.inject('/query?search=a+b&search=c&match[]=up&match%5B%5D=down%7B%7D&empty=');
  assert.deepEqual(answer.json(), { search: 'a b', 'match[]': ['up', 'down{}'], empty: '' });
});
