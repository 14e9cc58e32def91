/** Tests that the bar counts bytes and items on a terminal, and is silent elsewhere. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { countAnswer, emptyTally } from '../../../src/commands/delivery/tally.ts';
import { openReplayProgress } from '../../../src/commands/replay/replay-progress.ts';

function openStream(isTTY: boolean) {
  let text = '';
  const stream = Object.assign(new PassThrough(), {
    ...{ isTTY, columns: 200, cursorTo: () => true, moveCursor: () => true },
    clearLine: () => true,
  });
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

function show(isTTY: boolean): string {
  const { stream, text } = openStream(isTTY);
  const progress = openReplayProgress(4096, stream);
  const tally = emptyTally(['traces']);
  countAnswer(tally, 'traces', 10, { verdict: 'accepted', rejectedItems: 0, message: '' });
  progress.update(tally);
  progress.add(2048);
  progress.add(9999);
  progress.close();
  return text();
}

describe('replay-progress', () => {
  it('a terminal: never more than all', () => {
    assert.match(show(true), /100% of 4\.0 KiB \| 10 spans acknowledged/);
  });

  it('elsewhere: nothing', () => {
    assert.equal(show(false), '');
  });
});
