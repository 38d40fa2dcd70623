import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nearest } from '#src/lib/nearest.js';

test('nearest() finds the word that was meant, and none where there is none', () => {
  const known = ['history', 'horizon', 'horizons', 'lead', 'step', 'refit_interval'];
  const cases: [word: string, meant: string | undefined][] = [
    ['histroy', 'history'],
    ['horizn', 'horizon'],
    ['horizonts', 'horizons'],
    ['setp', 'step'],
    ['steps', 'step'],
    ['refit_intervall', 'refit_interval'],
    ['refitInterval', 'refit_interval'],
    ['led', 'lead'],
    ['colour', undefined],
    ['x', undefined],
  ];
  for (const [word, meant] of cases) assert.equal(nearest(word, known), meant, word);
});
