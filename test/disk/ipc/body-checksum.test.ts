/** The checksum of a body covers all its bytes and is computed in parts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { checkBodyChecksum } from '../../../src/disk/ipc/body-checksum.ts';
import type { StreamMessage } from '../../../src/disk/ipc/ipc-reader.ts';
import { seededRandom } from '../../random.ts';
import { memoryFile } from '../memory-file.ts';

function messageOf(bodyBytes: number, checksum?: string): StreamMessage {
  return {
    kind: 'recordBatch',
    offset: 0,
    metadataBytes: 0,
    bodyOffset: 8,
    bodyBytes,
    rows: 1,
    compression: 'none',
    customMetadata: new Map(checksum === undefined ? [] : [['archer.crc32', checksum]]),
  };
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0');
}

describe('body checksum', () => {
  it('bodies of all lengths around a part: right, and wrong with any byte changed', () => {
    const random = seededRandom();
    const part = 1024 * 1024;
    for (const bytes of [0, 1, part - 1, part, part + 1, 2 * part + 5]) {
      const file = Buffer.concat([Buffer.alloc(8), random.bytes(bytes)]);
      const message = messageOf(bytes, hex(crc32(file.subarray(8))));
      assert.equal(checkBodyChecksum(memoryFile(file), 0, message), 'right', `${bytes} bytes`);
      if (bytes === 0) continue;
      file[8 + random.below(bytes)]! ^= 1 << random.below(8);
      assert.equal(checkBodyChecksum(memoryFile(file), 0, message), 'wrong', `${bytes} bytes`);
    }
  });

  it('no checksum, or one that is none: missing', () => {
    const file = memoryFile(Buffer.alloc(16));
    assert.equal(checkBodyChecksum(file, 0, messageOf(8)), 'missing');
    assert.equal(checkBodyChecksum(file, 0, messageOf(8, 'xyz')), 'missing');
  });

  it('a file that has become shorter: wrong', () => {
    const message = messageOf(8, hex(crc32(Buffer.alloc(8))));
    assert.equal(checkBodyChecksum(memoryFile(Buffer.alloc(12)), 0, message), 'wrong');
  });
});
