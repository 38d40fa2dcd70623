import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormerCurves } from '#src/engine/series/former-curves.js';
import { START } from '../fixture.js';

const [A, B, C] = ['a', 'b', 'ü\0'].map((name) => Buffer.from(name)) as [Buffer, Buffer, Buffer];

function again(former: FormerCurves): FormerCurves {
  const restored = new FormerCurves();
  restored.restore(Buffer.concat([...former.save()]).toString('utf8'));
  return restored;
}

test('what was written of a series that left is known when it comes back, over restarts too', () => {
  const former = new FormerCurves();
  former.add(A, { '': START, _rate: START + 1 });
  former.add(C, { '': START + 2 });
  for (const known of [former, again(former), again(again(former))]) {
    assert.deepEqual(known.of(A), { '': START, _rate: START + 1 });
    assert.deepEqual(known.of(B), {});
    assert.deepEqual(known.of(C), { '': START + 2 });
  }
});

test('of two accounts of a series the one that is further ahead counts', () => {
  const former = new FormerCurves();
  former.add(A, { '': START + 5, _rate: START });
  former.add(A, { '': START + 3, _rate: START + 1, _avg: START });
  assert.deepEqual(former.of(A), { '': START + 5, _rate: START + 1, _avg: START });
});

test('a series that another Sentio writes is forgotten', () => {
  const former = new FormerCurves();
  former.add(A, { '': START });
  former.forget(A);
  assert.deepEqual(again(former).of(A), {});
});

test('of series for which there is no room, it is known up to where any of them may have been written', () => {
  const former = new FormerCurves(2);
  assert.equal(former.forgottenUntilMs, 0);
  former.add(A, { '': START + 7, _rate: START });
  former.add(B, { '': START + 2 });
  former.add(A, { '': START + 8 });
  former.add(C, { '': START + 3 });
  assert.deepEqual(former.of(B), {});
  assert.deepEqual(former.of(A), { '': START + 8, _rate: START });
  assert.equal(again(former).forgottenUntilMs, START + 2);
});

test('thousands of series are saved in pieces', () => {
  const former = new FormerCurves();
  for (let i = 0; i < 2500; i++) former.add(Buffer.from(`series ${i}`), { '': START + i });
  assert.equal([...former.save()].length, 3);
  assert.deepEqual(again(former).of(Buffer.from('series 2499')), { '': START + 2499 });
});

test('what it did not save is refused, with nothing added', () => {
  for (const text of [
    '',
    '{\n',
    'null\n',
    '{"version":2,"forgotten":0}\n',
    '{"version":1,"forgotten":"now"}\n',
    '{"version":1,"forgotten":0}\n{"block":"a","until":{"":1}}\nnull\n',
    '{"version":1,"forgotten":0}\n{"block":"a","until":{"":1}}\n{"block":"b"}\n',
    '{"version":1,"forgotten":0}\n{"block":"a","until":{"":1}}\n{"block":"b","until":{"":"now"}}\n',
  ]) {
    const former = new FormerCurves();
    assert.throws(() => former.restore(text), text);
    assert.deepEqual(former.of(A), {});
  }
});
