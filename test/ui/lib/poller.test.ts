import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Unreachable } from '#src/ui/lib/client.js';
import { Poller } from '#src/ui/lib/poller.js';

/** As much of a browser as a poller asks for. */
class FakeDocument extends EventTarget {
  hidden = false;

  show(shown: boolean): void {
    this.hidden = !shown;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: FakeDocument;
beforeEach(() => {
  page = new FakeDocument();
  Object.assign(globalThis, { document: page, window: new EventTarget() });
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
});

/** A poller that is answered at once; `asked` counts its questions. */
function pollerOf(answer: () => void, answered: () => void = () => {}) {
  const seen = { asked: 0, failures: 0 };
  const poller = new Poller({
    ask: async () => {
      seen.asked++;
      answer();
    },
    answered,
    failed: () => {
      seen.failures++;
    },
    intervalMs: () => 5_000,
  });
  return { poller, seen };
}

/** Lets time pass, and whatever waits for a promise go on. */
async function pass(ms: number): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
  mock.timers.tick(ms);
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

test('asks at once, and then at its interval', async () => {
  const { poller, seen } = pollerOf(() => {});
  poller.askNow();
  await pass(4_999);
  assert.equal(seen.asked, 1);
  await pass(1);
  assert.equal(seen.asked, 2);
});

test('asks nothing while the page is hidden, and at once when it is shown', async () => {
  const { poller, seen } = pollerOf(() => {});
  poller.askNow();
  await pass(0);
  page.show(false);
  await pass(60_000);
  assert.equal(seen.asked, 1);
  page.show(true);
  assert.equal(seen.asked, 2);
  await pass(5_000);
  assert.equal(seen.asked, 3);
});

test('does not start when it is shown if it was never started, nor after it was stopped', async () => {
  const { poller, seen } = pollerOf(() => {});
  page.show(true);
  assert.equal(seen.asked, 0);
  poller.askNow();
  poller.stop();
  page.show(true);
  await pass(60_000);
  assert.equal(seen.asked, 1);
});

test('goes on in one line when an answer makes it ask anew', async () => {
  let more = 3;
  const { poller, seen } = pollerOf(
    () => {},
    () => {
      if (more-- > 0) poller.askNow();
    },
  );
  poller.askNow();
  await pass(0);
  assert.equal(seen.asked, 4);
  await pass(5_000);
  assert.equal(seen.asked, 5);
});

test('asks more rarely while nobody answers, and at its interval again after an answer', async () => {
  let gone = true;
  const { poller, seen } = pollerOf(() => {
    if (gone) throw new Unreachable('gone');
  });
  poller.askNow();
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]) await pass(waitMs);
  assert.equal(seen.failures, 7);
  gone = false;
  await pass(30_000);
  await pass(5_000);
  assert.equal(seen.failures, 7);
  assert.equal(seen.asked, 9);
});
