/** Buffers are read with the expected length, or a reason is given. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Encoder } from '@toondepauw/node-zstd';
import { BatchBody, bodyLayoutFault } from '../../../src/disk/ipc/batch-body.ts';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import type { Decompress } from '../../../src/shared/decompress.ts';
import { memoryFile } from '../memory-file.ts';
import { faultsOf } from '../thing-check.ts';
import { prefixed } from '../thing-segment.ts';

const never: Decompress = () => {
  throw new Error('nothing is to be decompressed');
};

/** Returns a body at byte 16 of a file, with one buffer. */
function bodyOf(
  bytes: Uint8Array,
  compression: 'zstd' | 'none' = 'none',
  decompress: Decompress = never,
): BatchBody {
  const file = Buffer.concat([
    Buffer.alloc(16, 1),
    bytes,
    Buffer.alloc(8 - (bytes.length % 8 || 8)),
  ]);
  const message = {
    kind: 'recordBatch' as const,
    offset: 0,
    metadataBytes: 8,
    bodyOffset: 16,
    bodyBytes: file.length - 16,
    rows: 1,
    compression,
    customMetadata: new Map(),
  };
  const buffers = [{ offset: 0, bytes: bytes.length }];
  return new BatchBody({ storage: memoryFile(file), file: 0, message, buffers, decompress });
}

describe('batch body', () => {
  it('plain bytes: are read, if they are so many', () => {
    const body = bodyOf(Uint8Array.of(1, 2, 3));
    assert.deepEqual(body.read(0, 3), Uint8Array.of(1, 2, 3));
    assert.equal(body.read(0, 4), '3 bytes lie where 4 belong');
    assert.equal(body.fileOffset(0), 16);
    assert.equal(body.storedBytes(0), 3);
  });

  it('a frame: is decompressed, if its prefix says what belongs there', () => {
    const content = Buffer.alloc(1000, 'text ');
    const frame = new Encoder(1).encodeSync(content);
    const decompress = nativeDecompress();
    assert.deepEqual(
      Buffer.from(bodyOf(prefixed(1000, frame), 'zstd', decompress).read(0, 1000) as Uint8Array),
      content,
    );
    const wrong = bodyOf(prefixed(999, frame), 'zstd', decompress);
    assert.equal(wrong.read(0, 1000), 'its prefix says 999 bytes where 1000 belong');
    assert.equal(wrong.read(0, 999), 'it does not decompress to 999 bytes');
  });

  it('bytes kept raw behind -1: are read, if they are so many', () => {
    const body = bodyOf(prefixed(-1, Uint8Array.of(1, 2, 3)), 'zstd');
    assert.deepEqual(Uint8Array.from(body.read(0, 3) as Uint8Array), Uint8Array.of(1, 2, 3));
    assert.equal(body.read(0, 4), '3 bytes lie where 4 belong');
  });

  it('a hostile prefix: is refused before anything is decompressed', () => {
    for (const length of [-2, 2 ** 31, 2 ** 52, -(2 ** 52), 0]) {
      const body = bodyOf(prefixed(length, Uint8Array.of(1)), 'zstd');
      assert.equal(body.read(0, 1000), `its prefix says ${length} bytes where 1000 belong`);
    }
  });

  it('a column that would need more than 2 GiB: is refused, however little lies there', () => {
    const body = bodyOf(prefixed(2 ** 31, Uint8Array.of(1)), 'zstd');
    assert.equal(body.read(0, 2 ** 31), 'more than 2147483647 bytes would belong there');
  });

  it('more stored bytes than content: are not compressed', () => {
    const body = bodyOf(prefixed(2, Uint8Array.of(1, 2, 3)), 'zstd');
    assert.equal(body.read(0, 2), '3 bytes lie where 2 belong');
  });

  it('a prefix that is cut short, and an empty buffer', () => {
    assert.equal(bodyOf(Uint8Array.of(1, 2), 'zstd').read(0, 5), 'the length prefix is cut short');
    assert.deepEqual(bodyOf(new Uint8Array(0), 'zstd').read(0, 0), new Uint8Array(0));
    assert.equal(bodyOf(new Uint8Array(0), 'zstd').read(0, 5), '0 bytes lie where 5 belong');
  });

  it('padding that is not zero: is a fault, whatever the checksum says', async () => {
    const faults = await faultsOf(() => {}, {
      compression: 'none',
      changeBody: (body) => {
        body[1] = 7;
      },
    });
    assert.deepEqual(faults, ['column start_time: the padding is not zero']);
  });

  it('a file that has become shorter: is said', () => {
    const storage = memoryFile(Buffer.alloc(20));
    const message = {
      ...{
        kind: 'recordBatch' as const,
        offset: 0,
        metadataBytes: 8,
        bodyOffset: 16,
        bodyBytes: 8,
      },
      ...{ rows: 1, compression: 'none' as const, customMetadata: new Map() },
    };
    const buffers = [{ offset: 0, bytes: 8 }];
    const body = new BatchBody({ storage, file: 0, message, buffers, decompress: never });
    assert.equal(body.read(0, 8), 'the file has become shorter');
  });
});

describe('body layout', () => {
  const sound = [
    { offset: 0, bytes: 3 },
    { offset: 8, bytes: 0 },
    { offset: 8, bytes: 8 },
  ];

  it('one behind the other, each padded: no fault', () => {
    assert.equal(bodyLayoutFault(sound, 16), undefined);
    assert.equal(bodyLayoutFault([], 0), undefined);
  });

  it('gaps, overlaps, ends outside, bytes left over: each is said', () => {
    const moved = [{ offset: 8, bytes: 3 }, ...sound.slice(1)];
    assert.equal(bodyLayoutFault(moved, 16), 'buffer 0 starts at 8 of the body and not at 0');
    const overlap = [...sound, { offset: 8, bytes: 8 }];
    assert.equal(bodyLayoutFault(overlap, 24), 'buffer 3 starts at 8 of the body and not at 16');
    assert.equal(bodyLayoutFault(sound, 8), 'buffer 2 ends outside of the body');
    assert.equal(bodyLayoutFault(sound, 24), "the buffers take 16 of the body's 24 bytes");
    const huge = [{ offset: 0, bytes: 2 ** 53 - 1 }];
    assert.equal(bodyLayoutFault(huge, 16), 'buffer 0 ends outside of the body');
  });
});
