import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { RE2JS } from 're2js';
import { ExclusionUpdates, type NewExclusion } from '#src/engine/exclusions/exclusion-updates.js';
import { Exclusions } from '#src/engine/exclusions/exclusions.js';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import { forgetScore } from '#src/engine/series/score-state.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { DAY, MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

const usual = (minute: number) => 50 + (minute % 2 === 0 ? 1 : -1);

/** A series around 50, three days old, about which people may know better. */
function known() {
  const source = storeWith('m', 'step: 1m');
  for (let timeMs = START - 3 * DAY + MINUTE / 2; timeMs < START; timeMs += MINUTE)
    source.append(timeMs, usual(Math.floor(timeMs / MINUTE)));
  const series = trackedAround(50, source.settings);
  const exclusions = new Exclusions(source.store);
  const scorer = new StepScorer(source.store, exclusions);
  const [refits, ended]: [number[], number[]] = [[], []];
  let nowMs = START;
  const tracked = [series];
  let refitting: (series: TrackedSeries) => void = () => {};
  const whenRefit = (run: typeof refitting) => {
    refitting = run;
  };
  const updates = new ExclusionUpdates({
    store: source.store,
    exclusions,
    tracked: () => tracked,
    isTracked: (one) => tracked.includes(one),
    refit: (one) => {
      refits.push(one.id);
      refitting(one);
    },
    endScore: (one, endMs) => {
      ended.push(endMs);
      forgetScore(one);
    },
    log: pino({ level: 'silent' }),
    now: () => nowMs,
  });
  const next = (value: number) => {
    source.append(nowMs + MINUTE / 2, value);
    nowMs += MINUTE;
    return scorer.score(series, nowMs).score;
  };
  const request = (kind: NewExclusion['kind'], fromMs: number, toMs: number): NewExclusion => {
    return { kind, match: ['m'], reason: 'because', fromMs, toMs };
  };
  return { source, series, tracked, updates, exclusions, refits, ended, whenRefit, next, request };
}

test('maintenance ends an alarm at once, takes it from what happened, and has the series fitted without it', async () => {
  const { series, updates, refits, ended, next, request } = known();
  for (const value of [50, 90, 90]) next(value);
  assert.ok(series.score > 1);
  const nowMs = START + 3 * MINUTE;
  await updates.add(request('maintenance', START + 2 * MINUTE, nowMs + MINUTE));
  assert.deepEqual([ended, refits], [[nowMs], [series.id]]);
  assert.deepEqual(
    series.alarms.list.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [[START + MINUTE, START + 2 * MINUTE]],
  );
  assert.ok(Number.isNaN(next(90)));
  assert.ok(next(90) > 1, 'and what goes on after it is an alarm again');
});

test('what is still to come, or about other series, changes nothing yet', async () => {
  const { updates, refits, ended, next, request } = known();
  next(90);
  await updates.add(request('maintenance', START + DAY, START + 2 * DAY));
  await updates.add({ ...request('maintenance', START, START + DAY), match: ['other'] });
  assert.deepEqual([ended, refits], [[], []]);
  assert.ok(next(90) > 1);
});

test('of an alarm that was none the like is quiet from then on, until that is taken back', async () => {
  const { series, updates, next, request } = known();
  const alarm = () => {
    const scores = Array.from({ length: 5 }, () => next(90));
    for (let minute = 0; minute < 30; minute++) next(usual(minute));
    return scores.some((score) => score > 1);
  };
  assert.ok(alarm());
  const { id, accepted } = await updates.add(request('not_an_anomaly', START, START + 5 * MINUTE));
  assert.deepEqual(
    accepted.map(({ series: of, side, lastedMs }) => [of, side, lastedMs]),
    [['m', 1, 5 * MINUTE]],
  );
  assert.ok(
    series.alarms.list.every(({ suppressed }) => suppressed),
    'so that fits learn it',
  );
  assert.ok(!alarm());
  assert.ok(await updates.remove(id));
  assert.deepEqual(
    series.alarms.list.filter(({ suppressed }) => !suppressed).map(({ fromMs }) => fromMs),
    [START],
    'and what was marked is an alarm again, which fits leave out',
  );
  assert.ok(alarm());
  assert.equal(await updates.remove(id), false);
});

test('after a restart in the middle of a maintenance there is no alarm', async () => {
  const before = known();
  await before.updates.add(before.request('maintenance', START, START + 10 * MINUTE));
  const after = known();
  await after.updates.restore(before.updates.save());
  assert.deepEqual(after.updates.list, before.updates.list);
  const scores = Array.from({ length: 12 }, () => after.next(90));
  assert.deepEqual(scores.map((score) => (Number.isNaN(score) ? '-' : score > 1 ? '!' : '.')).join(''), '----------!!');
  await assert.rejects(after.updates.restore('{"version": 2, "exclusions": []}'));
  await assert.rejects(after.updates.restore('x'));
});

test('what cannot be kept is not in effect', async () => {
  const { updates, next, request } = known();
  updates.persist = async () => {
    throw new Error('disk full');
  };
  await assert.rejects(updates.add(request('maintenance', START, START + DAY)), {
    name: 'NotKeptError',
    message: 'nothing was changed, because it cannot be kept: disk full',
  });
  assert.deepEqual(updates.list, []);
  assert.ok(next(90) > 1);
});

test('their number, length and age are bounded', async () => {
  const { updates, exclusions, request } = known();
  const refused: [NewExclusion, RegExp][] = [
    [request('incident', START, START), /end is not after start/],
    [request('incident', START, START + 401 * DAY), /longer than 400 days/],
    [request('incident', START - 500 * DAY, START - 401 * DAY), /ended more than 400 days ago/],
    [request('incident', 1000 * START, 1000 * START + DAY), /begins more than 400 days from now/],
    [request('incident', Number.NaN, START), /end is not after start/],
  ];
  for (const [one, message] of refused) await assert.rejects(updates.add(one), message);
  const added = await updates.add(request('incident', START, START + DAY));
  const later = request('incident', START, START + 2 * DAY);
  const many = (count: number, match: string[]) =>
    Array.from({ length: count }, (_, i) => ({ ...added, id: String(i), match: [...match] }));
  exclusions.list = many(1000, ['m']);
  await assert.rejects(updates.add(later), /there are 1000 exclusions/);
  exclusions.list = many(100, Array<string>(50).fill('m'));
  await assert.rejects(updates.add(later), /have 5000 selectors/);
  exclusions.list = many(50, ['{a=~"x.*", b!~"y.+z", c=~"1", d=~"2", e=~"3", f=~"4", g=~"5", h=~"6", i=~"7", j=~"8"}']);
  await assert.rejects(updates.add({ ...later, match: ['{a=~"b"}'] }), /have 500 regular expressions/);
  await updates.add(later);
  assert.equal(updates.list.length, 51);
});

test('the same once more is one exclusion, with the new reason and the alarms that came since', async () => {
  const { updates, next, request } = known();
  const excluded = request('not_an_anomaly', START, START + DAY);
  for (const value of [90, 90]) next(value);
  const first = await updates.add(excluded);
  await updates.remove(first.id);
  for (let minute = 0; minute < 30; minute++) next(usual(minute));
  const once = await updates.add(excluded);
  const twice = await updates.add({ ...excluded, reason: 'a better one' });
  assert.deepEqual(
    updates.list.map(({ id, reason, accepted }) => [id, reason, accepted.length]),
    [[once.id, 'a better one', 1]],
  );
  assert.equal(twice.createdMs, once.createdMs);
  await updates.add(request('incident', START, START + DAY));
  assert.equal(updates.list.length, 2);
  updates.persist = async () => {
    throw new Error('disk full');
  };
  await assert.rejects(updates.add(excluded), /disk full/);
  assert.deepEqual(
    updates.list.find(({ id }) => id === once.id),
    twice,
    'what cannot be kept leaves what was there',
  );
});

test('the expressions of those there are are not compiled again for each that is added', async (t) => {
  const { updates, request } = known();
  const { mock } = t.mock.method(RE2JS, 'compile');
  const compiled: number[] = [];
  for (let i = 0; i < 20; i++) {
    mock.resetCalls();
    await updates.add({ ...request('incident', START, START + (i + 1) * MINUTE), match: [`{__name__=~"m[${i}]"}`] });
    compiled.push(mock.callCount());
  }
  assert.equal(new Set(compiled).size, 1, `${compiled}`);
});

test('one that is about many series is applied and taken back in slices, to those that are still there', async () => {
  const { source, series, tracked, updates, refits, whenRefit, request } = known();
  for (let i = 0; i < 60; i++) tracked.push(Object.assign(trackedAround(50, source.settings), { id: series.id }));
  const counted = () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    count();
    return () => {
      isOver = true;
      return turns;
    };
  };
  whenRefit((one) => {
    const untilMs = performance.now() + 2;
    while (performance.now() < untilMs);
    if (one === tracked[1]) tracked.pop();
  });
  const adding = counted();
  const { id } = await updates.add(request('incident', START - MINUTE, START + MINUTE));
  assert.ok(adding() > 5);
  assert.equal(refits.length, 60, 'one went meanwhile');
  whenRefit(() => {
    const untilMs = performance.now() + 2;
    while (performance.now() < untilMs);
  });
  const removing = counted();
  await updates.remove(id);
  assert.ok(removing() > 5);
  assert.equal(refits.length, 120);
});

test('one that is deleted while it is applied leaves no alarm suppressed', async () => {
  const { source, series, tracked, updates, next, whenRefit, request } = known();
  for (const value of [90, 90, 50]) next(value);
  for (let i = 0; i < 60; i++) {
    const other = Object.assign(trackedAround(50, source.settings), { id: series.id });
    other.alarms.list = series.alarms.list;
    tracked.push(other);
  }
  let removed: Promise<boolean> | undefined;
  const seen = new Set<TrackedSeries>();
  whenRefit((one) => {
    // Deleting is quicker than applying, and would overtake it.
    const untilMs = performance.now() + (seen.has(one) ? 0 : 2);
    while (performance.now() < untilMs);
    seen.add(one);
    removed ??= updates.remove(updates.list[0]!.id);
  });
  await updates.add(request('not_an_anomaly', START, START + 3 * MINUTE));
  assert.equal(await removed, true);
  assert.deepEqual(updates.list, []);
  const alarms = tracked.flatMap((one) => one.alarms.list);
  assert.ok(alarms.length > 60);
  assert.equal(alarms.filter(({ suppressed }) => suppressed).length, 0);
});

test('of the same twice at one time one is kept where the other could not be', async () => {
  const { updates, request } = known();
  let fails = true;
  updates.persist = async () => {
    const isFirst = fails;
    fails = false;
    await new Promise((resolve) => setImmediate(resolve));
    if (isFirst) throw new Error('disk full');
  };
  const excluded = request('incident', START, START + MINUTE);
  const [first, second] = await Promise.allSettled([updates.add(excluded), updates.add({ ...excluded, reason: 'b' })]);
  assert.equal(first.status, 'rejected');
  assert.equal(second.status, 'fulfilled');
  assert.deepEqual(
    updates.list.map(({ reason }) => reason),
    ['b'],
  );
});
