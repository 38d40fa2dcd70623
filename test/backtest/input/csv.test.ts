import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCsv } from '#src/backtest/input/csv.js';

const folder = mkdtempSync(join(tmpdir(), 'sentio-csv-'));
after(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, 'series.csv');
  writeFileSync(path, text);
  return readCsv(path);
}

const TEN_ROWS = Array.from({ length: 10 }, (_, i) => `${100 + i},${i}`).join('\n');

describe('readCsv()', () => {
  it('reads values, gaps and labels, in whatever order the columns stand', () => {
    const { samples, labels } = read(
      `label,value,unix_seconds\r\n,,1\r\n1,NaN,2.5\r\n0,-1e3,3\r\n${TEN_ROWS.replaceAll(/^(.*),(.*)$/gm, '0,$2,$1')}\r\n`,
    );
    assert.deepEqual([...samples.timesMs.subarray(0, 4)], [1000, 2500, 3000, 100_000]);
    assert.deepEqual([...samples.values.subarray(0, 4)], [Number.NaN, Number.NaN, -1000, 0]);
    assert.deepEqual([...labels!.subarray(0, 4)], [0, 1, 0, 0]);
  });

  it('says that nobody marked anything where there is no such column', () => {
    assert.equal(read(`unix_seconds,value\n${TEN_ROWS}`).labels, undefined);
  });

  for (const [name, text, wanted] of [
    ['an empty file', '', /the file is empty/],
    ['a header alone', 'unix_seconds,value\n', /it holds 0 values, and a forecast needs 10/],
    ['one row', 'unix_seconds,value\n1,2\n', /it holds 1 values/],
    ['values that are all gaps', `unix_seconds,value\n${TEN_ROWS.replaceAll(/,.*/g, ',NaN')}`, /it holds 0 values/],
    ['other columns', 'time,v\n1,2\n', /the first line must name unix_seconds and value, got "time,v"/],
    ['times that are not ascending', 'unix_seconds,value\n5,1\n3,1\n', /line 3: the time 3 does not come after 5/],
    ['a time twice', 'unix_seconds,value\n5,1\n5,1\n', /line 3: the time 5 does not come after 5/],
    ['a time that is none', 'unix_seconds,value\n2026-01-05,1\n', /line 2: "2026-01-05" is no time in seconds/],
    ['a value that is none', 'unix_seconds,value\n1,high\n', /line 2: "high" is no number/],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(() => read(text), { name: 'UsageError', message: wanted });
    });
  }

  it('refuses a file that would not fit into memory, without reading it', () => {
    const path = join(folder, 'huge.csv');
    writeFileSync(path, 'unix_seconds,value\n');
    truncateSync(path, 200 * 2 ** 20);
    assert.throws(() => readCsv(path), {
      name: 'UsageError',
      message: /it has more than 128 MiB: split it into its series/,
    });
  });

  it('refuses a file that is not there', () => {
    assert.throws(() => readCsv(join(folder, 'none.csv')), { name: 'UsageError', message: /none\.csv: ENOENT/ });
  });
});
