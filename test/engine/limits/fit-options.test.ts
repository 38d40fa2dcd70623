import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitOptions } from '#src/engine/limits/fit-options.js';
import { START, storeWith } from '../fixture.js';

/** The growth with which the series `m` is fitted, and its limits, before and after the series `size` and `least` came. */
function growths(prophetYaml: string) {
  const { store, append, appendTo } = storeWith('m', `prophet: ${prophetYaml}`);
  append(START, 1);
  const growth = () => {
    const { growth, cap, floor, ...others } = fitOptions(store, 0);
    assert.ok(!('capFrom' in others) && !('floorFrom' in others), 'what a fit is handed are numbers');
    return [growth, cap, floor];
  };
  const before = growth();
  appendTo({ __name__: 'size' }, START, 100);
  const withSize = growth();
  appendTo({ __name__: 'least' }, START, 10);
  return { before, withSize, withBoth: growth() };
}

const LINEAR = ['linear', undefined, undefined];

test('fitOptions() has the cap that another series has, and linear growth until it is known', () => {
  const { before, withSize } = growths('{growth: logistic, cap: {series: size, on: [], factor: 2}}');
  assert.deepEqual([before, withSize], [LINEAR, ['logistic', 200, undefined]]);
});

test('fitOptions() waits for both where both come from other series', () => {
  const { before, withSize, withBoth } = growths(
    '{growth: logistic, cap: {series: size, on: []}, floor: {series: least, on: []}}',
  );
  assert.deepEqual([before, withSize, withBoth], [LINEAR, LINEAR, ['logistic', 100, 10]]);
});

test('fitOptions() leaves numbers beside them as they are', () => {
  const { before, withSize } = growths('{growth: logistic, cap: {series: size, on: []}, floor: 5}');
  assert.deepEqual([before, withSize], [LINEAR, ['logistic', 100, 5]]);
});

test('fitOptions() are those of the rule where it names no series', () => {
  const { store, append, settings } = storeWith('m', 'prophet: {growth: logistic, cap: 7}');
  append(START, 1);
  assert.equal(fitOptions(store, 0), settings.prophet);
});
