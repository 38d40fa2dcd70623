import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixPieces } from '#src/http/prometheus/matrix-json.js';
import { makeLabels } from '#src/model/labels/labels.js';

/** A series with values at `count` times, but not at every third. */
function seriesOf(name: string, count: number) {
  const values = Float64Array.from({ length: count }, (_, i) => i / 8 - 3);
  return {
    labels: makeLabels({ __name__: name, text: 'größe "L"\\ \u{1f600}' }),
    values,
    isPresent: Uint8Array.from(values, (_, i) => (i % 3 === 0 ? 0 : 1)),
  };
}

const textOf = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]).toString();

test('a matrix is the JSON of its series, however many pieces it takes', () => {
  const timesMs = Float64Array.from({ length: 11_000 }, (_, i) => 1_764_356_400_000 + i * 1_500);
  const series = ['a', 'x'.repeat(100_000), 'c'].map((name) => seriesOf(name, timesMs.length));
  const pieces = [...matrixPieces(series, timesMs, 10)];
  assert.ok(pieces.length > 8, `${pieces.length} pieces`);
  const wanted = series.map(({ labels, values, isPresent }) => ({
    metric: Object.fromEntries(labels.map(({ name, value }) => [name, value])),
    values: [...timesMs].map((timeMs, i) => [timeMs / 1000, String(values[i])]).filter((_, i) => isPresent[i] === 1),
  }));
  assert.deepEqual(JSON.parse(`[${textOf(pieces)}]`), wanted);
});

test('series without a value are left out, and no more than the limit are written', () => {
  const timesMs = Float64Array.of(1_000);
  const [empty, one, two] = ['empty', 'one', 'two'].map((name) => ({
    ...seriesOf(name, 1),
    isPresent: Uint8Array.of(name === 'empty' ? 0 : 1),
  }));
  const names = (
    JSON.parse(`[${textOf(matrixPieces([empty!, one!, two!], timesMs, 1))}]`) as { metric: { __name__: string } }[]
  ).map(({ metric }) => metric.__name__);
  assert.deepEqual(names, ['one']);
  assert.equal(textOf(matrixPieces([empty!], timesMs, 1)), '');
});
