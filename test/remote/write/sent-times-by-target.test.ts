import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SentTimesByTarget } from '#src/remote/write/sent-times-by-target.js';
import { HOUR, MINUTE } from '../../fixtures.js';

const URL = 'http://user:hunter2@a/api/v1/write';

function saved(of: SentTimesByTarget): string {
  return Buffer.concat([...of.save()]).toString();
}

/** Of a process that wrote from 1:00 to 5:00 every minute. */
function before(): SentTimesByTarget {
  const times = new SentTimesByTarget(() => 5 * HOUR);
  for (let ms = HOUR; ms <= 5 * HOUR; ms += MINUTE) times.of(URL).add(ms);
  return times;
}

test('what was sent is known after a restart, without the address, and some minutes more that were not saved', () => {
  const text = saved(before());
  assert.doesNotMatch(text, /hunter2|api/);
  const times = new SentTimesByTarget(() => 6 * HOUR);
  times.restore(text);
  assert.equal(times.of(URL).repeatedUntilMs(3 * HOUR), 5 * HOUR + 9 * MINUTE);
  assert.equal(times.of('http://b/').repeatedUntilMs(3 * HOUR), undefined);
});

test('a restart by a clock that is behind adds nothing that may have been sent since', () => {
  const times = new SentTimesByTarget(() => 3 * HOUR);
  times.restore(saved(before()));
  assert.equal(times.of(URL).repeatedUntilMs(3 * HOUR), 5 * HOUR);
});

test('anything but what was saved is refused, with nothing restored', () => {
  const good = { address: 'a', runs: [{ fromMs: 1, toMs: 2 }] };
  const texts = [
    '',
    'null',
    '{}',
    '{"version":2,"targets":[]}',
    '{"version":1,"targets":{}}',
    ...[
      null,
      { address: 1, runs: [] },
      { address: 'b', runs: [null] },
      { address: 'b', runs: [{ fromMs: 3, toMs: 2 }] },
    ].map((bad) => JSON.stringify({ version: 1, targets: [good, bad] })),
  ];
  for (const text of texts) {
    const times = new SentTimesByTarget(() => HOUR);
    assert.throws(() => times.restore(text), Error, text);
    assert.deepEqual(JSON.parse(saved(times)), { version: 1, targets: [] });
  }
});

test('of a hundred addresses those that are used are kept', () => {
  const times = before();
  for (let i = 0; i < 500; i++) {
    times.of(`http://${i}/`);
    times.of(URL);
  }
  assert.equal((JSON.parse(saved(times)) as { targets: unknown[] }).targets.length, 100);
  assert.equal(times.of(URL).repeatedUntilMs(3 * HOUR), 5 * HOUR);
});
