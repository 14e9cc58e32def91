/** Tests the bar of commands that send: drawn on a terminal, and nothing elsewhere. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { openDeliveryBar } from '../../../src/commands/delivery/delivery-bar.ts';
import type { Tally } from '../../../src/commands/delivery/tally.ts';
import { writtenText } from '../written-text.ts';

const tally: Tally = {
  items: new Map([
    ['traces', { acknowledged: 500, rejected: 10, failed: 1 }],
    ['logs', { acknowledged: 70, rejected: 0, failed: 0 }],
  ]),
  ...{ requests: 3, retries: 0, seconds: 0 },
  ...{ lastProblem: undefined, isMisdirected: false, gaveUp: false },
};

function draw(isTTY: boolean, done: number, text: string): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200, cursorTo: () => true });
  Object.assign(stream, { moveCursor: () => true, clearLine: () => true });
  const bar = openDeliveryBar(1000, text, stream as unknown as NodeJS.WriteStream);
  bar.update(done, tally);
  bar.close();
  return writtenText(stream);
}

describe('delivery bar', () => {
  it('on a terminal: how much is done, and the counts', () => {
    assert.match(
      draw(true, 511, '| {value}/{total} spans'),
      /51% \| 511\/1000 spans \| 500 spans acknowledged, 10 rejected, 1 failed; 70 log records ackn/,
    );
  });

  it('more than the total, as files grow: shows the total', () => {
    assert.match(draw(true, 1200, 'of 1 KiB'), /100% of 1 KiB \|/);
  });

  it('elsewhere: nothing', () => {
    assert.equal(draw(false, 100, ''), '');
  });
});
