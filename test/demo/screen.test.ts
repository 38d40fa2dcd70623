import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { Screen } from '#src/demo/screen.js';

/** Lines up; clear to the end; clear the line; text. */
const CODES = new RegExp('ESC\\[(\\d+)A|(ESC\\[J)|(\\rESC\\[2K)|([^ESC\\r]+)'.replaceAll('ESC', '\u001b'), 'g');

function terminal(columns: number): { out: WriteStream; shown: () => string[] } {
  const out = Object.assign(new PassThrough(), { isTTY: true, columns });
  let written = '';
  out.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  return { out: out as unknown as WriteStream, shown: () => screenOf(written) };
}

/** What a terminal shows that knows "up", "clear to the end", "clear the line" and nothing else. */
function screenOf(written: string): string[] {
  const lines = [''];
  let row = 0;
  for (const [, up, isClear, isLine, text] of written.matchAll(CODES)) {
    if (up !== undefined) row -= Number(up);
    else if (isClear !== undefined) lines.length = row;
    else if (isLine !== undefined) lines[row] = '';
    else {
      for (const [i, part] of text!.split('\n').entries()) {
        if (i > 0) row++;
        lines[row] = (i > 0 ? '' : (lines[row] ?? '')) + part;
      }
    }
  }
  return lines;
}

test('a line that comes meanwhile stands above the block, which stays one', () => {
  const { out, shown } = terminal(80);
  const screen = new Screen(out);
  screen.print('title');
  screen.redraw(['a 1', 'b 1']);
  screen.redraw(['a 2', 'b 2']);
  screen.print('news');
  assert.deepEqual(shown(), ['title', 'news', 'a 2', 'b 2', '']);
  screen.redraw(['a 3', 'b 3']);
  assert.deepEqual(shown(), ['title', 'news', 'a 3', 'b 3', '']);
  screen.leaveBlock();
  screen.print('end');
  assert.deepEqual(shown(), ['title', 'news', 'a 3', 'b 3', 'end', '']);
});

test('lines of the block are cut to the width of the terminal', () => {
  const { out, shown } = terminal(8);
  new Screen(out).redraw(['12345678', '123456789']);
  assert.deepEqual(shown(), ['12345678', '1234567', '']);
});

test('a screen is gone once what reads it has ended', async () => {
  const { out } = terminal(80);
  const screen = new Screen(out);
  out.destroy(new Error('EPIPE'));
  await screen.gone;
  screen.print('into the void');
});
