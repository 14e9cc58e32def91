/** zstd data of several frames. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Encoder } from '@toondepauw/node-zstd';
import {
  frameCountMax,
  skippableFrameBytes,
  zstdFrames,
} from '../../../src/accept/body/zstd-frames.ts';

const frame = (text: string) => new Encoder(1).encodeSync(Buffer.from(text));

function skippable(content: string, variant = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + variant);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

describe('zstd-frames', () => {
  it('zstdFrames: the frames in order, without skippable ones', () => {
    const [first, second] = [frame('first'), frame('')];
    const data = Buffer.concat([skippable('x'), first, skippable('', 15), second, skippable('y')]);
    assert.deepEqual(zstdFrames(data), [first, second]);
    assert.deepEqual(zstdFrames(skippable('only')), []);
  });

  it('zstdFrames: undefined if there is no frame, or anything else between or behind', () => {
    const whole = frame('a');
    const rest = [
      Buffer.of(1),
      Buffer.from('{}'),
      whole.subarray(0, -1),
      skippable('xy').subarray(0, 9),
    ];
    assert.equal(zstdFrames(Buffer.alloc(0)), undefined);
    for (const other of rest) {
      assert.equal(zstdFrames(Buffer.concat([whole, other])), undefined);
      assert.equal(zstdFrames(other), undefined);
    }
  });

  it('zstdFrames: undefined if there are too many frames', () => {
    const many = (count: number) => Buffer.concat(Array<Buffer>(count).fill(skippable('')));
    assert.deepEqual(zstdFrames(many(frameCountMax)), []);
    assert.equal(zstdFrames(many(frameCountMax + 1)), undefined);
  });

  it('skippableFrameBytes: the whole length; undefined for other data', () => {
    assert.equal(skippableFrameBytes(skippable('abc')), 11);
    assert.equal(skippableFrameBytes(skippable('abc').subarray(0, 7)), undefined);
    assert.equal(skippableFrameBytes(frame('a')), undefined);
  });
});
