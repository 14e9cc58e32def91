/** zstd frames of times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zstdBytesMax } from '../../../../src/shared/zstd-frame.ts';
import { TestRandom, takeSeed } from '../../../random.ts';
import { assertDecodesTo } from './decoded.ts';
import { FrameModule, written } from './frame-module.ts';

const module = new FrameModule(8 * 1024 * 1024);
const { exports } = module;
const random = new TestRandom(takeSeed());
const start = 1_763_683_200_000_000_000n;

/** Returns the frame, after all decoders have read it; undefined if it is left to a compressor. */
function check(times: readonly bigint[]): Uint8Array | undefined {
  const content = new Uint8Array(BigUint64Array.from(times).buffer);
  const frame = module.scoped(() => {
    const address = module.put(content);
    const bound = exports.zstdBound(content.byteLength);
    return written(module, bound, (target) =>
      exports.zstdTimes(target, address, content.byteLength),
    );
  });
  if (frame.byteLength === 0) return undefined;
  assertDecodesTo(frame, content);
  assert.equal(zstdBytesMax(frame), content.byteLength, 'the headers tell how much it is');
  return frame;
}

/** Times with gaps up to `gapNs`. */
function rising(count: number, gapNs: number): bigint[] {
  let time = start;
  return Array.from({ length: count }, () => {
    time += BigInt(random.below(gapNs));
    return time;
  });
}

function bytesPerRow(times: readonly bigint[]): number {
  const frame = check(times);
  assert.ok(frame !== undefined, 'a frame is made by hand');
  return frame.byteLength / times.length;
}

describe('zstdTimes', () => {
  it('times: take the bytes that change', () => {
    assert.ok(bytesPerRow(rising(10_000, 20)) < 1.4);
    assert.ok(bytesPerRow(rising(10_000, 200)) < 2.05);
    assert.ok(bytesPerRow(rising(10_000, 20_000)) < 3.1);
    assert.ok(bytesPerRow(rising(10_000, 2_000_000)) < 3.4);
    assert.ok(bytesPerRow(rising(10_000, 400_000_000)) < 4.3);
  });

  it('times: in no order', () => {
    for (const spreadNs of [1e5, 1e7, 1e9, 2e9]) {
      check(Array.from({ length: 3000 }, () => start + BigInt(random.below(spreadNs))));
    }
  });

  it('times: every count of rows about a block, and few', () => {
    const blockRows = (128 * 1024) / 8;
    for (const rows of [0, 1, 31, 32, 33, 100, -2, -1, 1, 2, blockRows]) {
      check(rising(rows > 30 || rows === 0 ? rows : blockRows + rows, 2_000_000));
    }
    check(rising(100_000, 30_000));
  });

  it('times: some are missing, which is 0', () => {
    for (const missing of [2, 10, 100]) {
      const times = rising(5000, 2_000_000);
      check(times.map((time) => (random.below(missing) === 0 ? 0n : time)));
    }
  });

  it('times: left to a compressor where many are equal, or nothing is', () => {
    assert.equal(check(new Array<bigint>(1000).fill(start)), undefined);
    assert.equal(check(rising(1000, 2_000_000).flatMap((time) => [time, time])), undefined);
    const any = Array.from({ length: 1000 }, () => random.bytes(8));
    assert.equal(check(any.map((bytes) => Buffer.from(bytes).readBigUInt64LE())), undefined);
    assert.equal(check([]), undefined);
  });

  it('times: near and far ones in any order', () => {
    for (let round = 0; round < 60; round++) {
      const times: bigint[] = [];
      let time = start;
      const usual = 2 ** (4 + random.below(30));
      while (times.length < 3000) {
        const gap = random.below(10) > 0 ? usual : 2 ** random.below(47);
        time += BigInt(random.below(gap));
        const count = random.below(20) === 0 ? random.below(30) : 1;
        for (let i = 0; i < count; i++) times.push(time + BigInt(i));
      }
      check(times);
    }
  });
});
