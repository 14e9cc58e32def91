/** Tests the bar: on a terminal it is drawn, elsewhere nothing is written. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { Tally } from '../../../src/commands/delivery/tally.ts';
import { openProgress } from '../../../src/commands/generate/progress.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { writtenText } from '../written-text.ts';

const plan = { durationMs: 10_000, spansPerRequest: 200, concurrency: 1 };

const tally: Tally = {
  items: new Map([
    ['traces', { acknowledged: 500, rejected: 10, failed: 1 }],
    ['logs', { acknowledged: 70, rejected: 0, failed: 0 }],
  ]),
  requests: 3,
  retries: 0,
  seconds: 0,
  lastProblem: undefined,
  isMisdirected: false,
  gaveUp: false,
};

function draw(
  isTTY: boolean,
  rate: number,
  spansTotal: number,
  signals: readonly Signal[] = ['traces', 'logs'],
): string {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200, cursorTo: () => true });
  Object.assign(stream, { moveCursor: () => true, clearLine: () => true });
  const terminal = stream as unknown as NodeJS.WriteStream;
  const progress = openProgress({ ...plan, signals, rate, spansTotal }, terminal);
  progress.update(tally, 4_200);
  progress.close();
  return writtenText(stream);
}

describe('progress', () => {
  it('terminal: a bar of spans', () => {
    assert.match(
      draw(true, 100, 1000),
      /511\/1000 spans \| 500 spans acknowledged, 10 rejected, 1 failed; 70 log records ackn/,
    );
  });

  it('terminal: a bar of seconds where the number of spans is open', () => {
    assert.match(draw(true, 0, Number.POSITIVE_INFINITY), /4\/10 s \|/);
  });

  it('terminal: a bar of seconds where no span is sent', () => {
    assert.match(draw(true, 100, 1000, ['logs']), /4\/10 s \|/);
  });

  it('no terminal: nothing', () => {
    assert.equal(draw(false, 100, 1000), '');
  });
});
