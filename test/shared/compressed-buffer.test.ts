/** Tests that the prefix of a compressed buffer is the i64 that the Arrow format specifies. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  compressionPrefixBytes,
  keptRawPrefix,
  readCompressionPrefix,
  writeFramePrefix,
  writeKeptRawPrefix,
} from '../../src/shared/compressed-buffer.ts';

const offset = 3;

/** Returns the bytes that `write` stores at `offset`. The memory around them must not change. */
function written(write: (memory: DataView) => void): Buffer {
  const bytes = Buffer.alloc(offset + compressionPrefixBytes + 1, 0xa5);
  write(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  assert.equal(bytes[offset - 1], 0xa5);
  assert.equal(bytes.at(-1), 0xa5);
  return bytes.subarray(offset, -1);
}

describe('compressed buffer', () => {
  it('frame prefix: the bytes of the content as a little-endian i64', () => {
    for (const contentBytes of [0, 1, 128, 2 ** 31, 2 ** 32 - 1, 2 ** 40 + 5]) {
      const prefix = written((memory) => writeFramePrefix(memory, offset, contentBytes));
      assert.equal(prefix.readBigInt64LE(0), BigInt(contentBytes));
      assert.equal(readCompressionPrefix(prefix), BigInt(contentBytes));
    }
  });

  it('kept-raw prefix: -1', () => {
    const prefix = written((memory) => writeKeptRawPrefix(memory, offset));
    assert.equal(prefix.toString('hex'), 'ffffffffffffffff');
    assert.equal(readCompressionPrefix(prefix), keptRawPrefix);
  });

  it('read: content behind the prefix is ignored', () => {
    const stored = Buffer.from('0500000000000000ffffff', 'hex');
    assert.equal(readCompressionPrefix(stored), 5n);
  });

  it('read: undefined if the buffer is shorter than a prefix', () => {
    for (let bytes = 0; bytes < compressionPrefixBytes; bytes++) {
      assert.equal(readCompressionPrefix(new Uint8Array(bytes)), undefined);
    }
  });

  it('read: a damaged prefix comes back as the number that it is', () => {
    assert.equal(readCompressionPrefix(Buffer.from('feffffffffffffff', 'hex')), -2n);
  });
});
