/** Tests that the parts of a zstd frame are found by their headers, one after another. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Encoder } from '@toondepauw/node-zstd';
import { ZstdWalk, zstdBlockType } from '../../src/shared/zstd-walk.ts';

interface Block {
  readonly type: number;
  readonly size: number;
}

/** Walks the frame. Returns its blocks and where it ends, or undefined if the frame is rejected. */
function walk(frame: Uint8Array): { blocks: Block[]; end: number } | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const parts = new ZstdWalk();
  const blocks: Block[] = [];
  let offset = 0;
  while (parts.partBytes > 0) {
    const { partBytes, isBlock, blockType, blockSize } = parts;
    if (isBlock) blocks.push({ type: blockType, size: blockSize });
    if (!parts.pass(view, offset)) return undefined;
    offset += partBytes;
  }
  return { blocks, end: offset };
}

function block(type: number, size: number, content: readonly number[], isLast = true): number[] {
  const header = (isLast ? 1 : 0) | (type << 1) | (size << 3);
  return [header & 255, (header >> 8) & 255, header >> 16, ...content];
}

/** A frame: magic, descriptor, the descriptor's optional fields, blocks. */
function frame(blocks: readonly number[], head: readonly number[] = [0, 0x38]): Uint8Array {
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, ...head, ...blocks]);
}

const { raw, repeated, compressed } = zstdBlockType;

describe('zstd walk', () => {
  it('frames of a compressor: the walk ends where the frame ends', () => {
    const contents = [Buffer.alloc(0), Buffer.from('text'), Buffer.alloc(600_000, 'abc')];
    for (const content of [...contents, randomBytes(300_000)]) {
      const encoded = new Encoder(1).encodeSync(content);
      const next = Buffer.concat([encoded, Buffer.from('what follows')]);
      assert.equal(walk(next)?.end, encoded.length);
    }
  });

  it('blocks: each with its type and size', () => {
    const bytes = frame([
      ...block(raw, 3, [1, 2, 3], false),
      ...block(repeated, 100_000, [7], false),
      ...block(compressed, 2, [0, 0]),
    ]);
    const blocks = [
      { type: raw, size: 3 },
      { type: repeated, size: 100_000 },
      { type: compressed, size: 2 },
    ];
    assert.deepEqual(walk(bytes), { blocks, end: bytes.length });
  });

  it('an empty raw block has no part, last or not', () => {
    const bytes = frame([...block(raw, 0, [], false), ...block(raw, 1, [9], false)]);
    const whole = Uint8Array.from([...bytes, ...block(raw, 0, [])]);
    assert.deepEqual(walk(whole), { blocks: [{ type: raw, size: 1 }], end: whole.length });
  });

  it('every shape of the frame header: the first block is found', () => {
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
    for (const head of heads) {
      const bytes = frame(block(raw, 1, [9]), head);
      assert.deepEqual(walk(bytes), { blocks: [{ type: raw, size: 1 }], end: bytes.length });
    }
  });

  it('a checksum is a part of 4 bytes behind the last block', () => {
    const bytes = frame([...block(raw, 1, [9]), 1, 2, 3, 4], [4, 0x38]);
    assert.equal(walk(bytes)?.end, bytes.length);
  });

  it('another magic, a reserved block type, a block above 128 KiB: refused', () => {
    assert.equal(walk(Buffer.from('no zstd frame')), undefined);
    assert.equal(walk(frame(block(3, 1, [0]))), undefined);
    assert.equal(walk(frame(block(repeated, 128 * 1024 + 1, [0]))), undefined);
  });

  it('a header that is cut short: RangeError', () => {
    const bytes = frame(block(raw, 1, [9]));
    for (const end of [0, 4, 6, 8]) {
      assert.throws(() => walk(bytes.subarray(0, end)), RangeError, `${end} bytes`);
    }
  });
});
