/** zstd frames of zeros and of hex text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TestRandom, takeSeed } from '../../../random.ts';
import { assertDecodesTo } from './decoded.ts';
import { FrameModule, written } from './frame-module.ts';

const blockBytesMax = 128 * 1024;
const module = new FrameModule(4 * 1024 * 1024);
const { exports } = module;
const random = new TestRandom(takeSeed());

const edgeBytes = [0, 1, 2, 3, 4, 255, 256, 257, 1000, 40_004, 65_535, 65_536, 65_537].concat(
  [1, 2, 3].flatMap((blocks) => [-1, 0, 1].map((more) => blocks * blockBytesMax + more)),
);

function zerosFrame(bytes: number): Uint8Array {
  return written(module, exports.zstdBound(bytes), (target) => exports.zstdZeros(target, bytes));
}

function hexFrame(ids: Uint8Array): Uint8Array {
  return module.scoped(() => {
    const address = module.put(ids);
    const bound = exports.zstdBound(ids.byteLength * 2);
    return written(module, bound, (target) => exports.zstdHex(target, address, ids.byteLength));
  });
}

describe('zstdZeros', () => {
  it('zeros: decode to as many as were asked for', () => {
    for (const bytes of edgeBytes) assertDecodesTo(zerosFrame(bytes), new Uint8Array(bytes));
  });

  it('zeros: the frame of docs/format/record-batch.md', () => {
    const frame = Buffer.from(zerosFrame(40_000)).toString('hex');
    assert.equal(frame, '28b52ffd8038409c000003e20400');
  });

  it('zeros: take four bytes for each 128 KiB', () => {
    assert.equal(zerosFrame(3 * blockBytesMax).byteLength, 10 + 3 * 4);
  });
});

describe('zstdHex', () => {
  it('hex: decodes to the ids in lower case', () => {
    const counts = edgeBytes.filter((bytes) => bytes <= 2 * blockBytesMax);
    for (let i = 0; i < 200; i++) counts.push(random.below(i % 10 === 0 ? 200_000 : 3000));
    for (const count of counts) {
      const ids = random.bytes(count);
      assertDecodesTo(hexFrame(ids), Buffer.from(Buffer.from(ids).toString('hex')));
    }
  });

  it('hex: every digit at every place of a byte', () => {
    const ids = Uint8Array.from({ length: 1024 }, (_, index) => index & 255);
    assertDecodesTo(hexFrame(ids), Buffer.from(Buffer.from(ids).toString('hex')));
  });

  it('hex: a long column takes half of its text and a thousandth', () => {
    const ids = random.bytes(320_000);
    assert.ok(hexFrame(ids).byteLength < 320_000 * 1.001);
  });
});
