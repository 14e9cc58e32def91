/** Tests the reading of a run column. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { distinctTexts } from '../../../src/columns/arrow/run-column.ts';
import { FrameModule } from '../decode/zstd/frame-module.ts';
import { putRuns } from '../decode/zstd/runs.ts';

const module = new FrameModule(65536);
const text = (value: string) => Buffer.from(value);

describe('run column', () => {
  it('texts: each once, in order of appearance, NULL left out', () => {
    const column = putRuns(module, [
      [3, text('cart')],
      [1, null],
      [2, text('größe 🛒')],
      [9, text('')],
      [1, text('cart')],
    ]);
    assert.deepEqual(distinctTexts(module.memory.buffer, column), ['cart', 'größe 🛒', '']);
  });

  it('texts: none', () => {
    const column = putRuns(module, []);
    assert.deepEqual(distinctTexts(module.memory.buffer, column), []);
  });
});
