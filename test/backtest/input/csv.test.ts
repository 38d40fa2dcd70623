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

  it('reads what Prophet reads: days of a quoted ds, and y', () => {
    const days = Array.from({ length: 10 }, (_, i) => `"2007-12-${i + 10}","${i}"`).join('\r\n');
    const { samples } = read(`\uFEFF"ds","y"\r\n${days}\r\n`);
    assert.deepEqual(
      [samples.timesMs[0], samples.timesMs[9], samples.values[9]],
      [Date.UTC(2007, 11, 10), Date.UTC(2007, 11, 19), 9],
    );
  });

  it('reads lines that end as those of an old Macintosh do, such as an example of Prophet', () => {
    const months = Array.from({ length: 10 }, (_, i) => `1949-${String(i + 1).padStart(2, '0')}-01,${i}`).join('\r');
    assert.equal(read(`ds,y\r${months}\r`).samples.values.length, 10);
  });

  it('takes a column of timestamps in seconds, in milliseconds and as dates', () => {
    const firstMs = Date.UTC(2026, 0, 5, 8);
    const timesOf = (timeAt: (timeMs: number) => string) =>
      read(`timestamp,value\n${Array.from({ length: 10 }, (_, i) => `${timeAt(firstMs + i * 60_000)},1`).join('\n')}`)
        .samples.timesMs;
    const wanted = Float64Array.from({ length: 10 }, (_, i) => firstMs + i * 60_000);
    assert.deepEqual(
      timesOf((timeMs) => String(timeMs / 1000)),
      wanted,
    );
    assert.deepEqual(timesOf(String), wanted);
    assert.deepEqual(
      timesOf((timeMs) => new Date(timeMs).toISOString()),
      wanted,
    );
  });

  it('says that nobody marked anything where there is no such column', () => {
    assert.equal(read(`unix_seconds,value\n${TEN_ROWS}`).labels, undefined);
  });

  for (const [name, text, wanted] of [
    ['an empty file', '', /the file is empty/],
    ['a header alone', 'unix_seconds,value\n', /it holds 0 values, and a forecast needs 10/],
    ['one row', 'unix_seconds,value\n1,2\n', /it holds 1 values/],
    ['values that are all gaps', `unix_seconds,value\n${TEN_ROWS.replaceAll(/,.*/g, ',NaN')}`, /it holds 0 values/],
    [
      'other columns',
      'time,v\n1,2\n',
      /the first line must name a column of times \(unix_seconds, ds.* and one of values \(value, y\), got "time,v"/,
    ],
    ['times that are not ascending', 'unix_seconds,value\n5,1\n3,1\n', /line 3: the time 3 does not come after 5/],
    ['a time twice', 'unix_seconds,value\n5,1\n5,1\n', /line 3: the time 5 does not come after 5/],
    ['a time that is none', 'ds,y\n05/01/2026,1\n', /line 2: "05\/01\/2026" is no time: write seconds or milliseconds/],
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
