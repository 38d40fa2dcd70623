import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { parseConfig } from '#src/config/load.js';
import type { Alarm } from '#src/detect/alarms.js';
import type { Exclusion, ExclusionKind } from '#src/engine/exclusions/exclusion.js';
import { Exclusions } from '#src/engine/exclusions/exclusions.js';
import { fitView } from '#src/engine/fits/fit-view.js';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

const iso = (timeMs: number) => new Date(timeMs).toISOString();

/** A series around 50, three days old, with exclusions; `next` scores a value of its next step. */
function scoring(ruleYaml = 'step: 1m') {
  const source = storeWith('m', ruleYaml);
  for (let timeMs = START - 3 * DAY + MINUTE / 2; timeMs < START; timeMs += MINUTE)
    source.append(timeMs, usual(Math.floor(timeMs / MINUTE)));
  const series = trackedAround(50, source.settings);
  const exclusions = new Exclusions(source.store);
  const scorer = new StepScorer(source.store, exclusions);
  let startMs = START;
  const next = (value: number) => {
    source.append(startMs + MINUTE / 2, value);
    startMs += MINUTE;
    return scorer.score(series, startMs);
  };
  return { ...source, series, exclusions, next };
}

function exclusion(kind: ExclusionKind, fromMs: number, toMs: number, more: Partial<Exclusion> = {}): Exclusion {
  const plain = { id: '1', match: ['m'], reason: '', createdMs: fromMs, accepted: [] };
  return { ...plain, kind, fromMs, toMs, ...more };
}

const usual = (minute: number) => 50 + (minute % 2 === 0 ? 1 : -1);

test('what a rule excludes is neither scored nor learnt, and scores go on after it', () => {
  const [from, to] = [iso(START + 5 * MINUTE), iso(START + 10 * MINUTE)];
  const { next, series } = scoring(`exclude: [{from: "${from}", to: "${to}"}]`);
  for (let minute = 0; minute < 5; minute++) next(usual(minute));
  const learnt = series.detector.state.slice();
  const suppressed = Array.from({ length: 5 }, () => next(500));
  assert.deepEqual(
    suppressed.map(({ score, value, isSuppressed }) => [score, value, isSuppressed]),
    suppressed.map(() => [Number.NaN, 500, true]),
    'the value is observed all the same',
  );
  assert.deepEqual(series.detector.state, learnt);
  assert.deepEqual(series.alarms.list, []);
  assert.ok(next(51).score < 1);
  assert.ok(next(500).score > 1);
});

test('with learn it is learnt and not published; with alarms it is an alarm and not learnt', () => {
  const during = (keys: string) => {
    const [from, to] = [iso(START + 5 * MINUTE), iso(START + 10 * MINUTE)];
    const { next, series } = scoring(`exclude: [{from: "${from}", to: "${to}", ${keys}}]`);
    for (let minute = 0; minute < 5; minute++) next(usual(minute));
    const learnt = series.learnt.slice();
    const { score, isSuppressed = false } = next(500);
    const isLearnt = !learnt.every((value, i) => Object.is(value, series.learnt[i]));
    return { isAlarm: score > 1, isSuppressed, isLearnt, alarms: series.alarms.list.length };
  };
  assert.deepEqual(during('learn: true'), { isAlarm: false, isSuppressed: true, isLearnt: true, alarms: 0 });
  assert.deepEqual(during('alarms: true'), { isAlarm: true, isSuppressed: false, isLearnt: false, alarms: 1 });
});

test('what is not learnt is left out of fits, by the rule and by people, and what is learnt stays in', () => {
  const { store, append, series, exclusions } = scoring('exclude: [{weekly: monday 01:00, for: 1h}]');
  append(START + 6 * HOUR, 50);
  exclusions.list = [
    exclusion('incident', START + 3 * HOUR, START + 4 * HOUR),
    exclusion('not_an_anomaly', START + 4 * HOUR, START + 5 * HOUR, { id: '2' }),
    exclusion('maintenance', START + 5 * HOUR, START + 6 * HOUR, { id: '3' }),
    exclusion('incident', START, START + HOUR, { id: '4', match: ['other'] }),
  ];
  const { excluded } = fitView(store, series, exclusions);
  assert.deepEqual(
    excluded!.map(({ fromMs, toMs }) => [(fromMs - START) / HOUR, (toMs - START) / HOUR]),
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  );
});

test('fits leave out an alarm, unless it was accepted', () => {
  const { store, append, series, exclusions } = scoring();
  append(START + 6 * HOUR, 50);
  const span = { fromMs: START + HOUR, toMs: START + 2 * HOUR };
  series.alarms.list = [{ ...span, side: 1, peakScore: 3, kind: 'value', suppressed: true }];
  const suspect = () => fitView(store, series, exclusions).suspect!.map(({ fromMs }) => fromMs);
  assert.deepEqual(suspect(), [span.fromMs]);
  exclusions.list = [exclusion('not_an_anomaly', span.fromMs, span.toMs)];
  assert.deepEqual(suspect(), []);
});

test('what holds at an instant is less of all that overlap, in whatever order instants are asked for', () => {
  const { series, exclusions } = scoring('exclude: [{weekly: monday 01:40, for: 30m, learn: true}]');
  exclusions.list = [
    exclusion('maintenance', START + 30 * MINUTE, START + 50 * MINUTE, { id: '1' }),
    exclusion('incident', START + 40 * MINUTE, START + 80 * MINUTE, { id: '2' }),
    exclusion('not_an_anomaly', START + 70 * MINUTE, START + 90 * MINUTE, { id: '3' }),
  ];
  const said = new Array<string>(13);
  for (const tens of [12, 4, 0, 7, 5, 3, 8, 11, 1, 6, 2, 10, 9]) {
    const effect = exclusions.at(series, START + tens * 10 * MINUTE);
    said[tens] = effect === undefined ? '.' : `${effect.alarms ? 'a' : ''}${effect.learn ? 'l' : ''}` || '-';
  }
  assert.equal(said.join(' '), '. . . - - a a - l . l l l');
});

test('a series is asked about an exclusion once, and finds what was added, changed and taken back since', () => {
  const { series, exclusions } = scoring();
  const [first, other] = [exclusion('maintenance', START, START + HOUR), exclusion('incident', START, START + HOUR)];
  const about = { ...other, id: '2' };
  const elsewhere = exclusion('incident', START, START + HOUR, { id: '3', match: ['other', '{__name__="n"}'] });
  const accepted = [{ side: 1, peakScore: 2, lastedMs: MINUTE, series: 'm' }];
  const idsAfter = (...list: Exclusion[]) => {
    exclusions.list = list;
    return exclusions.of(series).map(({ id }) => id);
  };
  assert.deepEqual(idsAfter(first), ['1']);
  assert.deepEqual(idsAfter(first, elsewhere, about), ['1', '2']);
  assert.deepEqual(idsAfter(elsewhere, { ...about, accepted }), ['2']);
  assert.deepEqual(exclusions.acceptedOf(series), accepted);
  assert.deepEqual(idsAfter(elsewhere), []);
  assert.deepEqual(exclusions.acceptedOf(series), []);
  assert.deepEqual(idsAfter(elsewhere, first), ['1']);
  assert.deepEqual(idsAfter(), []);
  assert.deepEqual(idsAfter(about), ['2']);
});

test('what is excluded in a range is listed in order, by the rule and by people, with why and what becomes of it', () => {
  const { series, exclusions } = scoring('exclude: [{name: Patching, weekly: monday 01:00, for: 1h}]');
  exclusions.list = [
    exclusion('incident', START + 3 * HOUR, START + 4 * HOUR, { id: 'b', reason: 'outage' }),
    exclusion('maintenance', START, START + HOUR / 2, { id: 'a' }),
    exclusion('incident', START, START + HOUR, { match: ['other'] }),
  ];
  const listed = exclusions.between(series, START, START + 3 * HOUR + 1);
  assert.deepEqual(
    listed.map(({ fromMs, toMs, ...rest }) => ({ from: (fromMs - START) / HOUR, to: (toMs - START) / HOUR, ...rest })),
    [
      { from: 0, to: 0.5, id: 'a', kind: 'maintenance', reason: '', alarms: false, learn: false },
      { from: 1, to: 2, kind: 'rule', reason: 'Patching', alarms: false, learn: false },
      { from: 3, to: 4, id: 'b', kind: 'incident', reason: 'outage', alarms: true, learn: false },
    ],
  );
  assert.deepEqual(exclusions.between(series, START + 2 * HOUR, START + 3 * HOUR), []);
});

test('an alarm is accepted because it was marked as no anomaly, or because one like it was', () => {
  const { series, exclusions } = scoring();
  const accepted = { side: 1, peakScore: 2, lastedMs: 6 * MINUTE, series: 'm' };
  exclusions.list = [
    exclusion('maintenance', START, START + DAY, { id: 'a' }),
    exclusion('not_an_anomaly', START, START + HOUR, { id: 'b', accepted: [accepted] }),
  ];
  const alarm: Alarm = {
    fromMs: START,
    toMs: START + 6 * MINUTE,
    side: 1,
    peakScore: 9,
    kind: 'value',
    suppressed: true,
  };
  const later = { ...alarm, fromMs: START + DAY, toMs: START + DAY + 6 * MINUTE };
  const by = (one: Alarm) => exclusions.acceptanceOf(series, one)?.id;
  assert.equal(by(alarm), 'b');
  assert.equal(by({ ...later, peakScore: 2 }), 'b');
  assert.equal(by({ ...later, peakScore: 9 }), undefined);
  assert.equal(exclusions.acceptanceOf(series, { ...alarm, suppressed: false }), undefined);
});

test('maintenance in the middle of an incident: no score while it lasts, and the incident is an alarm again after it', () => {
  const { next, exclusions } = scoring();
  exclusions.list = [exclusion('maintenance', START + 10 * MINUTE, START + 20 * MINUTE)];
  const scores = Array.from({ length: 30 }, (_, minute) => next(minute < 5 ? usual(minute) : 90).score);
  const said = scores.map((score) => (Number.isNaN(score) ? '-' : score > 1 ? '!' : '.')).join('');
  assert.equal(said, '.....!!!!!----------!!!!!!!!!!');
});

test('the like of an alarm that was none is quiet, what is higher or lasts longer is still found', () => {
  const { next, exclusions } = scoring();
  const alarmOf = (value: number, minutes: number) => {
    const scores = Array.from({ length: minutes }, () => next(value).score);
    for (let minute = 0; minute < 30; minute++) next(usual(minute));
    return scores;
  };
  for (let minute = 0; minute < 60; minute++) next(usual(minute));
  const first = alarmOf(80, 6);
  assert.ok(first.every((score) => score > 1));
  const accepted = { side: 1, peakScore: Math.max(...first), lastedMs: 6 * MINUTE, series: 'm' };
  exclusions.list = [exclusion('not_an_anomaly', START, START + MINUTE, { accepted: [accepted] })];
  assert.ok(
    alarmOf(80, 6).every((score) => score < 1),
    'the like of it',
  );
  assert.ok(
    alarmOf(70, 6).every((score) => score < 1),
    'less',
  );
  assert.ok(
    alarmOf(150, 6).every((score) => score > 1),
    'higher',
  );
  const longer = alarmOf(80, 20);
  assert.equal(
    longer.findIndex((score) => score > 1),
    9,
    'half as long again is still like it',
  );
  assert.ok(
    longer.slice(9).every((score) => score > 1),
    'and from then on it is an alarm',
  );
  assert.ok(
    alarmOf(20, 6).every((score) => score > 1),
    'on the other side',
  );
  exclusions.list = [];
  assert.ok(
    alarmOf(80, 6).every((score) => score > 1),
    'once it is taken back',
  );
});

test('Black Friday is an alarm, and once it is excluded neither that nor expected of the days after it', () => {
  const friday = Date.UTC(2026, 10, 27);
  const firstMs = friday - 18 * DAY;
  const n = (26 * DAY) / (10 * MINUTE);
  const timesMs = Float64Array.from({ length: n }, (_, i) => firstMs + i * 10 * MINUTE);
  const wave = (timeMs: number) => 100 + 40 * Math.sin((2 * Math.PI * timeMs) / DAY) + 2 * Math.sin(timeMs / 7e5);
  const values = timesMs.map((timeMs) => (timeMs >= friday && timeMs < friday + DAY ? 3 : 1) * wave(timeMs));
  const shown = (keys: string) => {
    const yaml = `rules: [{name: shop, match: [m], step: 10m, resolution: 30m, refit_interval: 12h${keys}}]`;
    const rule = parseConfig(yaml, '.').rules[0]!;
    const { scores, yhat } = replay({ timesMs, values }, makeLabels({ __name__: 'm' }), rule);
    const on = (fromMs: number, toMs: number) => timesMs.map((timeMs) => Number(timeMs >= fromMs && timeMs < toMs));
    const count = (is: (i: number) => boolean, where: Float64Array) =>
      where.reduce((sum, at, i) => sum + (at === 1 && is(i) ? 1 : 0), 0);
    const during = on(friday, friday + DAY);
    const after = on(friday + DAY, friday + 7 * DAY);
    const errors = [...yhat].map((expected, i) => (after[i] === 1 ? Math.abs(expected - values[i]!) : 0));
    return {
      alarms: count((i) => scores[i]! > 1, during),
      scored: count((i) => !Number.isNaN(scores[i]!), during),
      alarmsAfter: count((i) => scores[i]! > 1, after),
      error: errors.reduce((sum, error) => sum + error, 0) / count(() => true, after),
    };
  };
  const plain = shown('');
  assert.ok(plain.alarms > 6, JSON.stringify(plain));
  const excluded = shown(', exclude: [{name: Black Friday, from: 2026-11-27, to: 2026-11-28}]');
  assert.equal(excluded.alarms, 0);
  assert.equal(excluded.scored, 0);
  assert.equal(excluded.alarmsAfter, 0);
  assert.ok(
    excluded.error < 5 && excluded.error <= plain.error,
    `${excluded.error} after it, ${plain.error} unless excluded`,
  );
});

test('what concerns a series is found out an exclusion at a time, and anew where the list changes meanwhile', () => {
  const { exclusions, series } = scoring();
  const [first, second] = [exclusion('maintenance', START, START + HOUR), exclusion('incident', START, START + HOUR)];
  exclusions.list = [first, { ...second, id: '2', match: ['other'] }];
  const pieces = exclusions.bringUpToDate(series);
  assert.equal(pieces.next().done, false);
  exclusions.list = [{ ...second, id: '3' }];
  assert.equal(pieces.next().done, true);
  assert.deepEqual(
    exclusions.of(series).map(({ id }) => id),
    ['3'],
  );
  assert.equal([...exclusions.bringUpToDate(series)].length, 0, 'nothing is left to find out');
});
