/** zstd frames of offsets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdBytesMax } from '../../../../src/shared/zstd-frame.ts';
import { TestRandom, takeSeed } from '../../../random.ts';
import { assertDecodesTo } from './decoded.ts';
import { FrameModule, written } from './frame-module.ts';

const blockBytesMax = 128 * 1024;
const module = new FrameModule(16 * 1024 * 1024);
const { exports } = module;
const random = new TestRandom(takeSeed());

/** Returns offsets, one more than there are lengths. */
function offsetsOf(lengths: readonly number[], first = 0): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  offsets[0] = first;
  for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row]! + length;
  return offsets;
}

/**
 * Returns the frame, after all decoders have read it; undefined if it is left to a compressor.
 * `more` bytes may follow the offsets.
 */
function checkOffsets(offsets: Int32Array, more = 0): Uint8Array | undefined {
  const memory = new Uint8Array(offsets.buffer);
  const content = memory.subarray(0, memory.byteLength - more * 4);
  const frame = module.scoped(() => {
    const address = module.put(memory);
    const bound = exports.zstdBound(content.byteLength);
    return written(module, bound, (target) =>
      exports.zstdOffsets(target, address, content.byteLength),
    );
  });
  if (frame.byteLength === 0) return undefined;
  assertDecodesTo(frame, content);
  const seemingBytes = zstdBytesMax(frame)!;
  const isTold = seemingBytes >= content.byteLength && seemingBytes <= 2 * content.byteLength;
  assert.ok(isTold, 'the headers tell how much it is, but for the extra bits of copies');
  return frame;
}

function check(lengths: readonly number[]): Uint8Array | undefined {
  return checkOffsets(offsetsOf(lengths));
}

/** Returns the bytes of the frame for each row. */
function bytesPerRow(lengths: readonly number[]): number {
  const frame = check(lengths);
  assert.ok(frame !== undefined, 'a frame is made by hand');
  return frame.byteLength / lengths.length;
}

function repeat(count: number, length: number): number[] {
  return new Array<number>(count).fill(length);
}

function vary(count: number, least: number, most: number): number[] {
  return Array.from({ length: count }, () => least + random.below(most - least + 1));
}

describe('zstdOffsets', () => {
  it('offsets: texts of one length', () => {
    const lengths = [64, 107, 128, 256, 300, 573, 4096, 65_535, 65_536, 70_000, 200_000];
    for (let length = 1; length <= 40; length++) lengths.push(length);
    for (const length of lengths) {
      for (const rows of [31, 32, 33, 100, 300, 1000, 10_000]) check(repeat(rows, length));
    }
  });

  it('offsets: texts of one length take little', () => {
    const expected: [length: number, most: number][] = [
      ...([[2, 0.12], [3, 0.18], [5, 0.28], [8, 0.42], [10, 0.47]] as const),
      ...([[16, 0.3], [32, 0.23], [256, 0.1]] as const),
      ...([[35, 1.15], [39, 1.15], [52, 1.1], [107, 1.7]] as const),
    ] as [number, number][]; // biome-ignore format: pairs
    for (const [length, most] of expected) {
      const bytes = bytesPerRow(repeat(10_000, length));
      assert.ok(bytes <= most, `${length}: ${bytes}`);
    }
  });

  it('offsets: texts of any lengths take a byte for each and little more', () => {
    assert.ok(bytesPerRow(vary(10_000, 4, 6)) <= 1.09);
    assert.ok(bytesPerRow(vary(10_000, 8, 20)) <= 1.23);
    assert.ok(bytesPerRow(vary(10_000, 40, 60)) <= 1.7);
    assert.ok(bytesPerRow(vary(10_000, 110, 130)) <= 2.5);
  });

  it('offsets: the frame of docs/format/record-batch.md', () => {
    const frame = check(repeat(32, 10));
    assert.equal(
      Buffer.from(frame!).toString('hex'),
      [
        '28b52ffd803884000000',
        '20000000000000',
        '440000080a015401020007',
        '7501002c0200',
        '141e28323c46505a646e78828c96a0aab4bec8d2dce6f0fa',
        '040100000e18222c3640',
        '1e94' + '10f073' + '0000' + '240c',
      ].join(''),
    );
  });

  it('offsets: left to a compressor where most are empty, large or very few', () => {
    assert.equal(check(vary(10_000, 0, 9).map((length) => (length < 8 ? 0 : length))), undefined);
    assert.equal(check(vary(10_000, 300, 400)), undefined);
    assert.equal(check(repeat(10_000, 573)), undefined);
    assert.equal(check(vary(20, 1, 9)), undefined);
    assert.equal(check([]), undefined);
  });

  it('offsets: rows up to, at and beyond a block', () => {
    const blockRows = blockBytesMax / 4;
    for (const more of [-3, -2, -1, 0, 1, 2]) {
      for (const blocks of [1, 2, 3]) {
        const rows = blocks * blockRows + more;
        check(vary(rows, 1, 2));
        check(repeat(rows, 7));
        check([...repeat(rows, 11), ...repeat(rows, 0), ...vary(100, 20, 30)]);
      }
    }
    check(repeat(100_000, 39));
    check(repeat(100_000, 1));
  });

  it('offsets: empty texts in a row are copies, however many', () => {
    const lengths = [...vary(40_000, 1, 9), ...repeat(39_000, 0), ...vary(10, 1, 9)];
    assert.ok(bytesPerRow(lengths) < 0.56);
  });

  it('offsets: large texts in a row, few or thousands, between small ones', () => {
    for (let round = 0; round < 6; round++) {
      const counts = Array.from({ length: 20 }, (_, index) => index + 1);
      for (let count = 32; count <= 2048 << (round & 1); count *= 2) counts.push(count);
      const lengths = counts.flatMap((count) => [...vary(count, 256, 300), ...vary(count, 1, 2)]);
      lengths.push(...vary(random.below(30_000), 1, 2));
      assert.ok(check(lengths) !== undefined);
    }
  });

  it('offsets: what lies behind them does not count', () => {
    for (let rows = 33; rows < 80; rows++) {
      for (const more of [1, 2, 40]) {
        checkOffsets(offsetsOf([...vary(rows & 31, 1, 9), ...repeat(rows + more, 64)]), more);
        checkOffsets(offsetsOf([...vary(rows, 1, 9), ...repeat(rows + more, 0)]), more);
      }
    }
  });

  it('offsets: any shapes one after the other', () => {
    let madeCount = 0;
    const rounds = 100;
    for (let round = 0; round < rounds; round++) {
      if (checkOffsets(offsetsOf(anyLengths(), anyFirst())) !== undefined) madeCount++;
    }
    assert.ok(madeCount > rounds / 2, `${madeCount} of ${rounds}`);
  });

  it('offsets: numbers that are none', () => {
    for (let round = 0; round < 50; round++) {
      const mask = [0xff, 0xffff, 0x10000, 0xffffff, 0xffffffff][random.below(5)]!;
      const step = random.below(2 ** 31);
      const words = Array.from({ length: random.below(3000) }, (_, row) =>
        random.below(4) === 0 ? random.below(2 ** 31) & mask : Math.imul(row, step),
      );
      checkOffsets(Int32Array.from(words));
    }
  });
});

/**
 * The first offset: mostly 0, as in real columns; sometimes so large that the sums pass 2^31, which
 * a reader would refuse.
 */
function anyFirst(): number {
  return random.below(3) > 0 ? 0 : random.below(2 ** 31);
}

/**
 * Columns of several shapes: runs of few lengths, alternating lengths, random lengths, and shapes
 * that never occur in practice.
 */
function anyLengths(): number[] {
  const lengths: number[] = [];
  const rows = [100, 3000, 20_000, 100_000][random.below(4)]!;
  const usual = Array.from({ length: 1 + random.below(5) }, () => 1 + random.below(50));
  const pick = () => usual[random.below(usual.length)]!;
  const shapes = [
    (count: number) => repeat(count, pick()),
    (count: number) => repeat(count, pick()),
    (count: number) => repeat(count, random.below(3) * random.below(700)),
    (count: number) => repeat(count, 2 ** random.below(20)),
    (count: number) => Array.from({ length: count }, pick),
    (count: number) => Array.from({ length: count }, (_, row) => usual[row % usual.length]!),
    (count: number) => vary(count, 0, 1 + random.below(100)),
    (count: number) => vary(count, 0, 1000),
    (count: number) => vary(Math.min(count, 50), 0, 2 ** 24),
  ];
  while (lengths.length < rows) {
    const count = 1 + random.below([3, 40, 600, 20_000][random.below(4)]!);
    lengths.push(...shapes[random.below(shapes.length)]!(count));
  }
  return lengths;
}
