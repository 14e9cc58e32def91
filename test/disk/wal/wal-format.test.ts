/** Shows that the header of a log file is either read as it was written or rejected. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { walFolder } from '../../../src/disk/layout.ts';
import {
  parseWalFileName,
  type WalHeader,
  walEpochMax,
  walFileName,
  walHeaderBytes,
  walHeaderFromBytes,
  walHeaderToBytes,
} from '../../../src/disk/wal/wal-format.ts';
import { lanePositionMax } from '../../../src/shared/batch-id.ts';
import { recorderId } from '../example-log.ts';

const header: WalHeader = {
  recorderId,
  lane: 513,
  epoch: 4097,
  firstPosition: 2 ** 40 + 5,
  previousPosition: 2 ** 40 + 1,
  fileBytes: 32 * 1024 * 1024,
};

/** Changes bytes and recomputes the checksum. */
function forged(offset: number, bytes: readonly number[]): Uint8Array {
  const forgery = walHeaderToBytes(header);
  forgery.set(bytes, offset);
  new DataView(forgery.buffer, forgery.byteOffset).setUint32(
    60,
    crc32(forgery.subarray(0, 60)),
    true,
  );
  return forgery;
}

describe('walHeaderFromBytes', () => {
  it('what was written: is read', () => {
    assert.deepEqual(walHeaderFromBytes(walHeaderToBytes(header)), header);
  });

  it('the greatest numbers: are read', () => {
    const greatest = {
      ...header,
      lane: 65535,
      epoch: walEpochMax,
      firstPosition: lanePositionMax,
      previousPosition: lanePositionMax - 1,
    };
    assert.deepEqual(walHeaderFromBytes(walHeaderToBytes(greatest)), greatest);
  });

  it('bytes behind it, or in memory before it: do not matter', () => {
    const bytes = new Uint8Array(200).fill(0xff);
    bytes.set(walHeaderToBytes(header), 24);
    assert.deepEqual(walHeaderFromBytes(bytes.subarray(24)), header);
  });

  it('any one bit changed: is damaged', () => {
    for (let bit = 0; bit < walHeaderBytes * 8; bit++) {
      const bytes = walHeaderToBytes(header);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(walHeaderFromBytes(bytes), 'damaged', `bit ${bit}`);
    }
  });

  it('cut at any byte: is damaged; without a byte, or zeros: was never written', () => {
    const bytes = walHeaderToBytes(header);
    for (let length = 1; length < walHeaderBytes; length++) {
      assert.equal(walHeaderFromBytes(bytes.subarray(0, length)), 'damaged');
    }
    assert.equal(walHeaderFromBytes(new Uint8Array(0)), 'zeros');
    assert.equal(walHeaderFromBytes(new Uint8Array(walHeaderBytes)), 'zeros');
  });

  it('another version: is not read', () => {
    assert.equal(walHeaderFromBytes(forged(4, [2, 0])), 'unknown');
  });

  it('numbers out of bounds under a sound checksum: are damaged', () => {
    assert.equal(walHeaderFromBytes(forged(32, [0, 0, 0, 0, 0, 0, 1, 0])), 'damaged');
    assert.equal(walHeaderFromBytes(forged(40, [5])), 'damaged');
    assert.equal(walHeaderFromBytes(forged(48, [0, 0, 0, 0, 0, 0, 0x20, 0])), 'damaged');
    assert.equal(walHeaderFromBytes(forged(48, [63, 0, 0, 0])), 'damaged');
  });
});

describe('walFileName', () => {
  it('a number: comes back from its name', () => {
    for (const number of [1, 8, 9999, 10_000, 999_999_999]) {
      assert.equal(parseWalFileName(walFileName(number)), number);
    }
    assert.equal(walFileName(1), '0001.log');
  });

  it('any other name: has no number', () => {
    const names = ['1.log', '00001.log', '0001.log.tmp', '0001', 'a001.log', '1234567890.log', ''];
    for (const name of names) assert.equal(parseWalFileName(name), undefined, name);
  });
});

describe('walFolder', () => {
  it('each lane: has a folder of its own', () => {
    assert.equal(walFolder('/out', 0), '/out/.archer/wal/lane-0');
    assert.equal(walFolder('/out', 12), '/out/.archer/wal/lane-12');
  });
});
