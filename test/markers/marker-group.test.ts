import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupMember, MarkerGroup } from '#src/markers/marker-group.js';
import { HOUR, MINUTE, SECOND } from '../fixtures.js';

const STEP = 15 * SECOND;

/** A group whose members come by name; `at` is a round of samples, by what each member says. */
function makeGroup(hasFixedStates: boolean) {
  const group = new MarkerGroup(hasFixedStates);
  const members = new Map<string, GroupMember>();
  const memberOf = (name: string) => {
    let member = members.get(name);
    if (member === undefined) {
      member = { state: undefined, lastMs: Number.NEGATIVE_INFINITY, hasEnded: false };
      members.set(name, member);
      group.add(member);
    }
    return member;
  };
  return {
    /** Events of a round, as `before → after`. */
    at(timeMs: number, says: Readonly<Record<string, string>>): string[] {
      return Object.entries(says).flatMap(([name, state]) => {
        const before = group.observe(memberOf(name), timeMs, state);
        return before === undefined ? [] : [`${before} → ${state}`];
      });
    },
    end(name: string) {
      memberOf(name).hasEnded = true;
    },
  };
}

/** The same round again and again. */
function rounds(
  group: ReturnType<typeof makeGroup>,
  fromMs: number,
  toMs: number,
  says: Readonly<Record<string, string>>,
): string[] {
  const events: string[] = [];
  for (let timeMs = fromMs; timeMs < toMs; timeMs += STEP) events.push(...group.at(timeMs, says));
  return events;
}

test('a series whose value changes is an event, at its second sample too', () => {
  const group = makeGroup(false);
  assert.deepEqual(group.at(0, { a: '1' }), []);
  assert.deepEqual(group.at(STEP, { a: '2' }), ['1 → 2']);
  assert.deepEqual(group.at(2 * STEP, { a: '2' }), []);
  assert.deepEqual(group.at(3 * STEP, { a: '1' }), ['2 → 1']);
});

test('a series that comes back with the value it had is none, however long it was away', () => {
  const group = makeGroup(false);
  rounds(group, 0, MINUTE, { a: '1', b: '2' });
  rounds(group, MINUTE, HOUR, { b: '2' });
  assert.deepEqual(group.at(HOUR, { a: '1' }), []);
  assert.deepEqual(group.at(HOUR + STEP, { a: '3' }), ['1 → 3']);
});

test('what all series of a thing show one after the other is one event', () => {
  const group = makeGroup(false);
  rounds(group, 0, MINUTE, { a: '4', b: '4', c: '4' });
  assert.deepEqual(group.at(MINUTE, { a: '5', b: '4', c: '4' }), ['4 → 5']);
  assert.deepEqual(group.at(MINUTE + STEP, { a: '5', b: '5', c: '4' }), []);
  assert.deepEqual(group.at(MINUTE + 2 * STEP, { a: '5', b: '5', c: '5' }), []);
});

test('while pods are replaced, the first with another version is the event', () => {
  const group = makeGroup(true);
  const events = [
    ...rounds(group, 0, MINUTE, { a: '1.2', b: '1.2' }),
    ...rounds(group, MINUTE, 2 * MINUTE, { a: '1.2', b: '1.2', c: '1.3' }),
    ...rounds(group, 2 * MINUTE, 3 * MINUTE, { b: '1.2', c: '1.3', d: '1.3' }),
    ...rounds(group, 3 * MINUTE, 4 * MINUTE, { c: '1.3', d: '1.3' }),
  ];
  assert.deepEqual(events, ['1.2 → 1.3']);
});

test('versions that are there when the group is first seen are no events', () => {
  const group = makeGroup(true);
  assert.deepEqual(group.at(0, { a: '1.2' }), []);
  assert.deepEqual(group.at(14 * SECOND, { b: '1.3' }), []);
  assert.deepEqual(rounds(group, STEP, MINUTE, { a: '1.2', b: '1.3' }), []);
  assert.deepEqual(group.at(MINUTE, { c: '1.4' }), ['1.2 → 1.4']);
});

test('a version that was gone for five minutes and comes back is an event, also as the same series', () => {
  for (const back of ['a', 'c']) {
    const group = makeGroup(true);
    rounds(group, 0, MINUTE, { a: '1.2' });
    rounds(group, MINUTE, 10 * MINUTE, { b: '1.3' });
    assert.deepEqual(group.at(10 * MINUTE, { [back]: '1.2' }), ['1.3 → 1.2'], back);
  }
});

test('a version that missed some scrapes beside others is none', () => {
  const group = makeGroup(true);
  rounds(group, 0, 10 * MINUTE, { a: '1.2', b: '1.3' });
  group.end('b');
  rounds(group, 10 * MINUTE, 14 * MINUTE, { a: '1.2' });
  assert.deepEqual(group.at(14 * MINUTE, { b: '1.3' }), []);
});

test('after an outage of all, what was there last is known, and another version is an event', () => {
  for (const [state, events] of [
    ['1.2', []],
    ['1.3', []],
    ['1.4', ['1.3 → 1.4']],
  ] as const) {
    const group = makeGroup(true);
    rounds(group, 0, 10 * MINUTE, { a: '1.2', b: '1.3', c: '1.3' });
    for (const name of ['a', 'b', 'c']) group.end(name);
    assert.deepEqual(group.at(5 * HOUR, { d: state }), events, state);
  }
});

test('what most showed is what was before, of those that have not ended', () => {
  const group = makeGroup(true);
  rounds(group, 0, MINUTE, { a: '1.1', b: '1.1', c: '1.1', d: '1.2' });
  for (const name of ['a', 'b', 'c']) group.end(name);
  assert.deepEqual(group.at(MINUTE, { e: '1.3' }), ['1.2 → 1.3']);
});
