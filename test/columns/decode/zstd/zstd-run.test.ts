/** zstd frames of run columns. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TestRandom, takeSeed } from '../../../random.ts';
import { assertDecodesTo } from './decoded.ts';
import { FrameModule, written } from './frame-module.ts';
import { putRuns, type Run, runsContent } from './runs.ts';

const blockBytesMax = 128 * 1024;
const windowBytesMax = 8 * 1024 * 1024;
const module = new FrameModule(140 * 1024 * 1024);
const { exports } = module;
const random = new TestRandom(takeSeed());

function runFrame(runs: readonly Run[]): Uint8Array {
  return module.scoped(() => {
    const column = putRuns(module, runs);
    const bytes = runsContent(runs).byteLength;
    const bound = exports.zstdRunBound(column, bytes) >>> 0;
    assert.ok(bound <= exports.zstdBound(bytes), 'the bound of runs is never the larger one');
    return written(module, bound, (target) => exports.zstdRun(target, column, bytes));
  });
}

function check(runs: readonly Run[]): Uint8Array {
  const frame = runFrame(runs);
  assertDecodesTo(frame, runsContent(runs));
  return frame;
}

const text = (value: string) => Buffer.from(value);

describe('zstdRun', () => {
  it('runs: nothing at all, only NULLs, only empty values', () => {
    check([]);
    check([[10_000, null]]);
    check([
      [10_000, text('')],
      [0, text('none')],
      [5, null],
    ]);
  });

  it('runs: every length of value with every count of rows', () => {
    const lengths = [1, 2, 3, 8, 16, 17, 18, 255, 256, 257, 65_535, 70_000, blockBytesMax + 1];
    for (const length of lengths) {
      const value = random.bytes(length);
      const counts = [1, 2, 3, 8, 16, 17, 18, 250].filter((count) => count * length < 2_000_000);
      for (const count of counts) check([[count, value]]);
      check(counts.map((count): Run => [count, value]));
      check([
        [1, text('x')],
        [3, value],
        [1, text('y')],
        [2, null],
        [3, value],
      ]);
    }
  });

  it('runs: contents that end about the end of a block', () => {
    for (const blocks of [1, 3]) {
      for (let more = -20; more <= 20; more++) {
        const bytes = blocks * blockBytesMax + more;
        check([[bytes, text('z')]]);
        check([
          [1, text('a')],
          [bytes, text('z')],
          [1, text('b')],
        ]);
        check([
          [1, random.bytes(40)],
          [1, random.bytes(bytes)],
        ]);
      }
    }
  });

  it('runs: any shapes', () => {
    for (let i = 0; i < 400; i++) check(anyRuns());
  });

  it('runs: thousands of different values, each in a row of its own', () => {
    for (const length of [1, 2, 4, 8, 30]) {
      check(Array.from({ length: 5000 }, (): Run => [1, random.bytes(length)]));
      check(Array.from({ length: 3000 }, (): Run => [3, random.bytes(length)]));
    }
  });

  it('runs: the same runs again and again cost nothing', () => {
    const resources = [40, 300, 7, 55].map((length) => random.bytes(length));
    const period = resources.map((value): Run => [25, value]);
    const once = check(period).byteLength;
    const often = check(Array.from({ length: 100 }, () => period).flat()).byteLength;
    assert.ok(often < once + 200, `${once} bytes for one period, ${often} for a hundred`);
  });

  it('runs: the frame of docs/format/record-batch.md', () => {
    const twice: Run[] = [
      [250, text('cart')],
      [250, text('checkout')],
    ];
    assert.equal(
      Buffer.from(check([...twice, ...twice])).toString('hex'),
      [
        '28b52ffd803870170000',
        '20000063617274',
        '440000000154' + '00022de10f',
        '400000636865636b6f7574',
        '440000000154' + '00032ec52f',
        '4d0000000154' + '000b2fb5db5d',
      ].join(''),
    );
  });

  it('runs: a value that goes on in the next run is one match', () => {
    const frame = check(Array.from({ length: 100 }, (): Run => [100, text('gateway')]));
    assert.ok(frame.byteLength < 40, `${frame.byteLength} bytes`);
  });

  it('runs: nothing is copied from beyond the window', () => {
    const value = random.bytes(100);
    const far = random.bytes(windowBytesMax + 1);
    check([
      [1, value],
      [1, far],
      [5, value],
      [2, null],
      [5, value],
    ]);
    const near = random.bytes(windowBytesMax - value.byteLength);
    check([
      [1, value],
      [1, near],
      [5, value],
    ]);
  });

  it('runs: a value larger than the window is written each time', () => {
    check([
      [2, random.bytes(windowBytesMax + 3)],
      [3, text('short')],
    ]);
    check([
      [2, random.bytes(windowBytesMax)],
      [3, text('short')],
    ]);
  });

  it('runs: the bound is small where values are large and often repeated', () => {
    module.scoped(() => {
      const runs: Run[] = [[100_000, random.bytes(1000)]];
      const column = putRuns(module, runs);
      assert.ok(exports.zstdRunBound(column, 100_000_000) < 20_000);
    });
  });

  it('runs: a column that does not make up its bytes is refused', () => {
    module.scoped(() => {
      const column = putRuns(module, [[3, text('abc')]]);
      assert.equal(exports.zstdRun(module.place(100), column, 10), 0);
      const wrapping = module.putWords([module.putWords([65_536, 0, 65_537]), 12, 0]);
      assert.equal(exports.zstdRun(module.place(100), wrapping, 65_536), 0);
    });
  });
});

/**
 * Values are slices of these bytes. To create each value anew would take most of the test's time.
 */
const anyBytes = random.bytes(40_000);

/** Few or many values, repeated or not, short or long, in short or long runs. */
function anyRuns(): Run[] {
  const valueBytesMax = [2, 9, 40, 600, 20_000][random.below(5)]!;
  const countMax = [1, 3, 30, 3000][random.below(4)]!;
  const values = Array.from({ length: 1 + random.below(400) }, () => {
    const start = random.below(20_000);
    const end = start + random.below(valueBytesMax);
    return random.below(10) === 0 ? null : anyBytes.subarray(start, end);
  });
  const runs: Run[] = [];
  for (let left = 300_000; left > 0 && runs.length < 1000; ) {
    const isNext = random.below(3) > 0;
    const value = values[isNext ? runs.length % values.length : random.below(values.length)]!;
    const bytes = value?.byteLength ?? 0;
    const count = Math.min(random.below(countMax + 1), Math.ceil(left / Math.max(bytes, 1)));
    runs.push([count, value]);
    left -= count * bytes;
  }
  return runs;
}
