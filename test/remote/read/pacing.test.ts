import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryError } from '#src/remote/read/history-error.js';
import { Pacing } from '#src/remote/read/pacing.js';

/** A clock that goes on by waits and by `ask`. */
function setUp() {
  const waits: number[] = [];
  const said: string[] = [];
  let nowMs = 0;
  const pacing = new Pacing({
    onWait: (reason) => said.push(reason),
    now: () => nowMs,
    wait: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  });
  const taking = (ms: number, answer: string | Error) => async () => {
    nowMs += ms;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { pacing, waits, said, taking };
}

test('there is one question at a time, and between two a rest of half the time that the first took', async () => {
  const { pacing, waits, taking } = setUp();
  const answers = await Promise.all([
    pacing.ask(taking(400, 'a')),
    pacing.ask(taking(10_000, 'b')),
    pacing.ask(taking(1, 'c')),
  ]);
  assert.deepEqual(
    [answers, waits],
    [
      ['a', 'b', 'c'],
      [200, 2_000],
    ],
  );
});

test('a server that is busy is asked again when it says, and the wait is explained', async () => {
  const { pacing, waits, said, taking } = setUp();
  const failures = [
    new HistoryError('HTTP 503', { status: 503, retryAfterMs: 7_000 }),
    new HistoryError('HTTP 429', { status: 429 }),
  ];
  const answer = await pacing.ask(() => taking(0, failures.shift() ?? 'at last')());
  assert.equal(answer, 'at last');
  assert.equal(waits[0], 7_000);
  assert.ok(waits[1]! >= 1_000 && waits[1]! <= 2_000, `${waits[1]}`);
  assert.equal(said[0], 'The server is busy (HTTP 503): next attempt in 7 s');
});

test('a server that stays busy is given up, and any other failure at once', async () => {
  const { pacing, waits, taking } = setUp();
  const busy = new HistoryError('HTTP 503', { status: 503 });
  await assert.rejects(pacing.ask(taking(0, busy)), busy);
  assert.equal(waits.length, 7);
  const refused = new HistoryError('HTTP 400', { status: 400 });
  await assert.rejects(pacing.ask(taking(0, refused)), refused);
  assert.equal(waits.length, 7);
});
