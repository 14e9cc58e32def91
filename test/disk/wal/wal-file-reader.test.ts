/** Shows what is reported about a log file that is not as it was written. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readWalFile } from '../../../src/disk/wal/wal-file-reader.ts';
import { type WalHeader, walHeaderBytes } from '../../../src/disk/wal/wal-format.ts';
import type { WalFileLook } from '../../../src/disk/wal/wal-survey.ts';
import { bodyOf, owner, stampedFrame } from '../example-log.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const path = '/file';
const wholeBytes = 56;

function header(fileBytes: number): WalHeader {
  return { ...owner, epoch: 4, firstPosition: 1, previousPosition: 0, fileBytes };
}

/** Three frames after the header. On request the second is damaged. */
function items(change: Partial<WalFileLook> = {}, isBroken = false): unknown[] {
  const storage = new VolatileStorage();
  const bytes = new Uint8Array(walHeaderBytes + 3 * wholeBytes);
  for (const position of [1, 2, 3]) {
    const frame = stampedFrame(bodyOf(position, 16), { position, epoch: 4 });
    bytes.set(frame, walHeaderBytes + (position - 1) * wholeBytes);
  }
  if (isBroken) bytes[walHeaderBytes + wholeBytes + 50]! ^= 1;
  storage.put(path, bytes);
  const fields = { number: 1, path, bytes: bytes.byteLength, epoch: 4 };
  const look = { ...fields, header: header(bytes.byteLength), ...change };
  return Array.from(readWalFile(storage, look, owner.lane), (item) => {
    if (item.kind === 'frame') return item.position;
    return item.kind === 'fault' ? `${item.fault}: ${item.offset}+${item.bytes}` : item.kind;
  });
}

describe('readWalFile', () => {
  it('a sound file: is its frames', () => {
    assert.deepEqual(items(), [1, 2, 3]);
  });

  it('a file without an epoch: has no frames', () => {
    assert.deepEqual(items({ epoch: 0, header: 'unused' }), []);
  });

  it('a damaged header: is told, and the frames come', () => {
    assert.deepEqual(items({ header: 'damaged' }), ['the file header is damaged: 0+64', 1, 2, 3]);
  });

  it('a file that was longer: is told, and the frames come', () => {
    assert.deepEqual(items({ header: header(4096) }), ['the file is cut short: 232+3864', 1, 2, 3]);
  });

  it('a broken frame: is told with its place', () => {
    assert.deepEqual(items({}, true), [1, 'broken', 'a frame is damaged: 120+56', 3]);
  });
});
