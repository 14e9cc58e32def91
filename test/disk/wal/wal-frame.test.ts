/** Shows that only the header of an accepted frame is recognised as one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { readFrameHeader, wholeFrameBytes } from '../../../src/disk/wal/wal-frame.ts';
import { lanePositionMax } from '../../../src/shared/batch-id.ts';
import { frameField, frameHeaderBytes } from '../../../src/shared/frame.ts';
import { stampedFrame } from '../example-log.ts';

const body = Uint8Array.of(1, 2, 3, 4, 5);

describe('readFrameHeader', () => {
  it('a stamped frame: is read', () => {
    const fields = { position: 2 ** 40 + 3, epoch: 2 ** 32 - 1, lane: 65535, signalNumber: 2 };
    const header = readFrameHeader(stampedFrame(body, fields));
    assert.deepEqual(header, {
      signal: 'logs',
      lane: 65535,
      epoch: 2 ** 32 - 1,
      position: 2 ** 40 + 3,
      receivedTimeNs: 1_000_000n + 2n ** 40n + 3n,
      bodyBytes: 5,
      bodyCrc32: crc32(body),
    });
    assert.equal(wholeFrameBytes(header!), 48);
  });

  it('any one bit of the header changed: is no header', () => {
    for (let bit = 0; bit < frameHeaderBytes * 8; bit++) {
      const frame = stampedFrame(body, { position: 7, epoch: 1 });
      frame[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(readFrameHeader(frame), undefined, `bit ${bit}`);
    }
  });

  it('cut at any byte: is no header', () => {
    const frame = stampedFrame(body, { position: 7, epoch: 1 });
    for (let length = 0; length < frameHeaderBytes; length++) {
      assert.equal(readFrameHeader(frame.subarray(0, length)), undefined);
    }
  });

  it('a frame that no lane has accepted: is none', () => {
    const frame = stampedFrame(body, { position: 7, epoch: 1 });
    new DataView(frame.buffer).setUint32(frameField.headerCrc32, 0, true);
    assert.equal(readFrameHeader(frame), undefined);
  });

  it('a position or a signal out of bounds: is no header', () => {
    assert.equal(readFrameHeader(stampedFrame(body, { position: 0, epoch: 1 })), undefined);
    const beyond = { position: lanePositionMax + 1, epoch: 1 };
    assert.equal(readFrameHeader(stampedFrame(body, beyond)), undefined);
    const unknown = { position: 1, epoch: 1, signalNumber: 3 };
    assert.equal(readFrameHeader(stampedFrame(body, unknown)), undefined);
  });
});
