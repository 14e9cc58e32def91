/** The bar is shown on a terminal when there is much, and never shows more than all. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { openProgress } from '../../../src/commands/terminal/reading-progress.ts';
import { writtenText } from '../written-text.ts';

const mebibyte = 1024 * 1024;

/** What a terminal, or a pipe, gets. */
function shown(bytesTotal: number, parts: readonly number[], isTTY = true): string {
  const screen = new PassThrough();
  const stream = Object.assign(screen, {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
  });
  const progress = openProgress(bytesTotal, stream as unknown as NodeJS.WriteStream);
  for (const bytes of parts) progress.add(bytes);
  progress.close();
  return writtenText(screen);
}

describe('progress of reading', () => {
  it('much, on a terminal: ends at how much was read', () => {
    assert.match(shown(100 * mebibyte, [mebibyte, 49 * mebibyte]), /50% of 100.0 MiB/);
  });

  it('more than there was, as files grow: is all', () => {
    assert.match(shown(100 * mebibyte, [70 * mebibyte, 70 * mebibyte]), /100% of 100.0 MiB/);
  });

  it('little, or no terminal: nothing', () => {
    assert.equal(shown(mebibyte, [mebibyte]), '');
    assert.equal(shown(100 * mebibyte, [mebibyte], false), '');
  });
});
