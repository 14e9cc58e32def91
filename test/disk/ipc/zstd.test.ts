/** Compressed data is restored with exactly the expected length, or rejected. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Decoder, Encoder } from '@toondepauw/node-zstd';
import { nativeDecompress, nodeDecompress, packageDecompress } from '../../../src/disk/ipc/zstd.ts';

const content = Buffer.from(
  'a text that is compressed, a text that is compressed, and so on, '.repeat(40),
);
const frame = new Encoder(1).encodeSync(content);

/**
 * Stands in for Node's own function, which Node 20 lacks. Like it, it has a limit and ignores data
 * after the frame.
 */
const zstdDecompressSync = (
  bytes: Uint8Array,
  { maxOutputLength }: { readonly maxOutputLength: number },
) => {
  const output = new Decoder().decodeSync(Buffer.from(bytes));
  if (output.byteLength > maxOutputLength) throw new RangeError('too large');
  return output;
};

const decompressors = {
  native: nativeDecompress(),
  package: packageDecompress(),
  node: nodeDecompress({ zstdDecompressSync })!,
};

for (const [name, decompress] of Object.entries(decompressors)) {
  describe(`zstd, ${name}`, () => {
    it('a frame of the right length: comes back', () => {
      assert.deepEqual(Buffer.from(decompress(frame, content.length) ?? []), content);
      assert.equal(decompress(new Encoder(1).encodeSync(Buffer.alloc(0)), 0)?.byteLength, 0);
    });

    it('a view into other bytes: only the view is taken', () => {
      const around = Buffer.concat([Buffer.alloc(5, 7), frame, Buffer.alloc(5, 7)]);
      const view = new Uint8Array(around.buffer, around.byteOffset + 5, frame.length);
      assert.deepEqual(Buffer.from(decompress(view, content.length) ?? []), content);
    });

    it('another length than stated: nothing', () => {
      for (const bytes of [0, 1, content.length - 1, content.length + 1, 2 ** 31 - 1]) {
        assert.equal(decompress(frame, bytes), undefined, `${bytes} bytes`);
      }
    });

    it('cut short, followed by more, or no frame at all: nothing', () => {
      for (const bytes of [0, 3, 8, frame.length - 1]) {
        assert.equal(decompress(frame.subarray(0, bytes), content.length), undefined);
      }
      assert.equal(decompress(Buffer.concat([frame, Buffer.from([1])]), content.length), undefined);
      assert.equal(decompress(Buffer.concat([frame, frame]), content.length), undefined);
      assert.equal(decompress(content, content.length), undefined);
    });
  });
}

describe('zstd, a frame that would stand for gigabytes', () => {
  it('is not decoded, and takes no memory', () => {
    // A block that repeats one byte takes four bytes and decompresses to 128 KiB. Together the
    // blocks decompress to 4 GiB.
    const head = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
    const blocks = new Array(32_767).fill([0x02, 0x00, 0x10, 0]).flat();
    const bomb = Buffer.from([...head, ...blocks, 0x03, 0x00, 0x10, 0]);
    const before = process.memoryUsage().rss;
    assert.equal(decompressors.native(bomb, 100), undefined);
    assert.equal(decompressors.package(bomb, 100), undefined);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  });
});

describe('zstd of node', () => {
  it('where it is missing: the package is taken', () => {
    assert.equal(nodeDecompress({}), undefined);
  });

  it('the stated length: is the limit that Node is given', () => {
    const limits: number[] = [];
    const decompress = nodeDecompress({
      zstdDecompressSync: (_bytes, { maxOutputLength }) => {
        limits.push(maxOutputLength);
        return new Uint8Array(0);
      },
    });
    decompress?.(frame, 17);
    decompress?.(frame, 0);
    assert.deepEqual(limits, [17, 1]);
  });
});
