/** The decompressed size of a frame is bounded before the frame is decoded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Encoder } from '@toondepauw/node-zstd';
import { zstdBytesMax } from '../../src/shared/zstd-frame.ts';
import { seededRandom } from '../random.ts';

const blockBytesMax = 128 * 1024;

function compress(bytes: Uint8Array, level = 1): Buffer {
  return new Encoder(level).encodeSync(Buffer.from(bytes));
}

/** A block of a type, with the size that its header should state. */
function block(type: number, size: number, content: readonly number[], isLast = true): number[] {
  const header = (isLast ? 1 : 0) | (type << 1) | (size << 3);
  return [header & 255, (header >> 8) & 255, header >> 16, ...content];
}

/** A frame: magic, then `head` (default: descriptor and a window of 128 KiB), then blocks. */
function frame(blocks: readonly number[], head: readonly number[] = [0, 0x38]): Uint8Array {
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, ...head, ...blocks]);
}

/** A block without literals and with `count` sequences. Each kind of code has a single value. */
function matches(count: number, lengthCode: number): number[] {
  const counts = count < 128 ? [count] : [128 + (count >> 8), count & 255];
  return [0, ...counts, 0x54, 0, 20, lengthCode, 1];
}

describe('zstd bytes max', () => {
  it('frames of a compressor: the bound is no less than the content, and not far above', () => {
    const random = seededRandom();
    for (const level of [1, 3, 12]) {
      for (const bytes of [0, 1, 300, 5_000, 200_000, 600_000]) {
        const texts = Uint8Array.from(
          { length: bytes },
          () => 97 + random.below(1 + random.below(20)),
        );
        for (const content of [texts, random.bytes(bytes), new Uint8Array(bytes)]) {
          const max = zstdBytesMax(compress(content, level)) ?? -1;
          assert.ok(max >= bytes && max <= bytes + 4 * blockBytesMax, `${bytes}: ${max}`);
        }
      }
    }
  });

  it('raw and repeated bytes: exactly what the headers say', () => {
    assert.equal(zstdBytesMax(frame(block(0, 3, [1, 2, 3]))), 3);
    assert.equal(zstdBytesMax(frame(block(1, 100_000, [7]))), 100_000);
    const two = [...block(1, 100_000, [7], false), ...block(0, 2, [1, 2])];
    assert.equal(zstdBytesMax(frame(two)), 100_002);
  });

  it('all shapes of the header: the blocks are found', () => {
    const one = block(0, 1, [9]);
    const heads = [
      [0, 0x38],
      [0x20, 1],
      [0x40, 0x38, 1, 0],
      [0x60, 1, 0],
      [0x80, 0x38, 1, 0, 0, 0],
      [0xc0, 0x38, 1, 0, 0, 0, 0, 0, 0, 0],
      [1, 0x38, 5],
      [2, 0x38, 5, 0],
      [3, 0x38, 5, 0, 0, 0],
    ];
    for (const head of heads) assert.equal(zstdBytesMax(frame(one, head)), 1, String(head));
    assert.equal(zstdBytesMax(frame([...one, 1, 2, 3, 4], [4, 0x38])), 1);
    assert.equal(zstdBytesMax(frame(one, [4, 0x38])), undefined);
  });

  it('literals alone: exactly what their header says', () => {
    const cases: [number[], number][] = [
      [[5 << 3, 1, 2, 3, 4, 5, 0], 5],
      [[4 | ((600 & 15) << 4), 600 >> 4, ...new Array(600).fill(1), 0], 600],
      [[13 | ((70_000 & 15) << 4), (70_000 >> 4) & 255, 70_000 >> 12, 7, 0], 70_000],
      [[1 | (31 << 3), 7, 0], 31],
    ];
    for (const [content, bytes] of cases) {
      assert.equal(zstdBytesMax(frame(block(2, content.length, content))), bytes);
    }
  });

  it('matches of one length: that length and what its extra bits may add, for each', () => {
    const lengths: [number, number][] = [
      [0, 3],
      [31, 34],
      [32, 36],
      [42, 130],
      [43, 258],
      [50, 32770],
    ];
    for (const [code, bytes] of lengths) {
      const content = matches(1, code);
      assert.equal(zstdBytesMax(frame(block(2, content.length, content))), bytes, `code ${code}`);
      const many = matches(200, code);
      const all = Math.min(200 * bytes, blockBytesMax);
      assert.equal(zstdBytesMax(frame(block(2, many.length, many))), all, `code ${code}`);
    }
  });

  it('matches of one length behind tables of other codes: the same', () => {
    // 32 states: first 16 for code 0 and 16 for code 1, then 31 for code 0 and 1 for code 9.
    const tables = [
      [0x10, 0x3f],
      [0xe0, 0xf7, 0x0d],
    ];
    for (const table of tables) {
      const lengths = [0, 128 + 1, 44, 0x94, ...table, 0, 5, 1];
      assert.equal(zstdBytesMax(frame(block(2, lengths.length, lengths))), 300 * 8);
      const both = [0, 9, 0xa4, ...table, ...table, 5, 1];
      assert.equal(zstdBytesMax(frame(block(2, both.length, both))), 9 * 8);
    }
  });

  it('a table that is none: undefined, and found out at once', () => {
    const zeros = [0, 9, 0x94, 0x10, 0xfe, ...new Array(200).fill(0xff)];
    assert.equal(zstdBytesMax(frame(block(2, zeros.length, zeros))), undefined);
    const cut = [0, 9, 0x94, 0x10];
    assert.equal(zstdBytesMax(frame(block(2, cut.length, cut))), undefined);
  });

  it('anything else: a whole block', () => {
    const table = [0, 5, 0x98, 1, 2, 3, 4];
    assert.equal(zstdBytesMax(frame(block(2, table.length, table))), blockBytesMax);
    const predefined = [0, 255, 1, 0, 0, 1];
    assert.equal(zstdBytesMax(frame(block(2, predefined.length, predefined))), blockBytesMax);
  });

  it('a frame that is none: undefined, whatever it is', () => {
    const good = compress(Buffer.from('some text, some text, some text, some text'));
    for (let bytes = 0; bytes < good.length; bytes++) {
      assert.equal(zstdBytesMax(good.subarray(0, bytes)), undefined, `${bytes} bytes`);
    }
    assert.equal(zstdBytesMax(Buffer.concat([good, Buffer.from([0])])), undefined);
    assert.equal(zstdBytesMax(Buffer.concat([good, good])), undefined);
    assert.equal(zstdBytesMax(frame(block(3, 1, [0]))), undefined);
    assert.equal(zstdBytesMax(frame(block(1, blockBytesMax + 1, [0]))), undefined);
  });

  it('random bytes behind the magic: never throws', () => {
    const random = seededRandom();
    for (let round = 0; round < 20_000; round++) {
      const bytes = frame([...random.bytes(random.below(40))], [random.below(256)]);
      const max = zstdBytesMax(bytes);
      assert.ok(max === undefined || max <= 40 * blockBytesMax);
    }
  });
});
