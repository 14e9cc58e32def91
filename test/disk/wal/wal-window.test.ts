/**
 * Shows that a window returns a file's bytes for any order of reads and despite faults of the disk.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Storage } from '../../../src/disk/storage.ts';
import { WalWindow } from '../../../src/disk/wal/wal-window.ts';
import { frameMagic } from '../../../src/shared/frame.ts';
import { seededRandom } from '../../random.ts';
import { diskError, FaultStorage } from '../fault-storage.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const MiB = 1024 * 1024;
const path = '/file';

function patternBytes(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + (index >> 9)) & 255);
}

function diskWith(bytes: Uint8Array): VolatileStorage {
  const storage = new VolatileStorage();
  storage.put(path, bytes);
  return storage;
}

function windowOf(storage: Storage): WalWindow {
  return new WalWindow(storage, storage.open(path, 'read'));
}

describe('WalWindow: view', () => {
  it('any range, forwards and backwards: gives the bytes there', () => {
    const bytes = patternBytes(3 * MiB + 5);
    const window = windowOf(diskWith(bytes));
    const random = seededRandom();
    for (let round = 0; round < 400; round++) {
      const offset = random.below(bytes.byteLength);
      const length = random.below(
        Math.min(round % 10 === 0 ? 2 * MiB : 5000, bytes.length - offset),
      );
      const view = window.view(offset, length);
      assert.ok(
        view !== undefined && Buffer.compare(view, bytes.subarray(offset, offset + length)) === 0,
      );
    }
  });

  it('beyond the end of the file: gives nothing', () => {
    const window = windowOf(diskWith(patternBytes(100)));
    assert.equal(window.view(60, 40)?.byteLength, 40);
    for (const [offset, bytes] of [
      [61, 40],
      [101, 0],
      [0, 2 ** 32],
    ] as const) {
      assert.equal(window.view(offset, bytes), undefined);
    }
    assert.equal(window.view(100, 0)?.byteLength, 0);
  });

  it('an empty file: gives nothing', () => {
    const window = windowOf(diskWith(new Uint8Array(0)));
    assert.equal(window.view(0, 1), undefined);
    assert.equal(window.find(frameMagic, 0), -1);
  });

  it('a disk that reads a little at a time: gives all the same', () => {
    const bytes = patternBytes(10_000);
    const storage = new FaultStorage(diskWith(bytes));
    storage.bytesPerCallMax = 333;
    assert.deepEqual(windowOf(storage).view(8, 9000), bytes.subarray(8, 9008));
  });

  it('going forward: reads each byte of the file once', () => {
    const storage = diskWith(patternBytes(5 * MiB));
    let bytesRead = 0;
    const counting: Storage = {
      ...storage,
      read: (file, view, position) => {
        const count = storage.read(file, view, position);
        bytesRead += count;
        return count;
      },
    };
    const window = windowOf(counting);
    for (let offset = 0; offset + 100_000 <= 5 * MiB; offset += 100_000)
      window.view(offset, 100_000);
    assert.ok(bytesRead <= 5 * MiB);
  });

  it('a file that became shorter: gives nothing of what is gone', () => {
    const storage = diskWith(patternBytes(5000));
    const window = windowOf(storage);
    storage.truncate(storage.open(path, 'update'), 1000);
    assert.equal(window.view(0, 1000)?.byteLength, 1000);
    assert.equal(window.view(996, 8), undefined);
    assert.equal(window.find(frameMagic, 0), -1);
  });

  it('pages that cannot be read: come as zeros, their neighbours as they are', () => {
    const bytes = patternBytes(5 * 4096).map((byte) => byte | 1);
    const storage = diskWith(bytes);
    storage.makeUnreadable(path, 4100, 4101);
    storage.makeUnreadable(path, 3 * 4096, 3 * 4096 + 1);
    const window = windowOf(storage);
    const expected = bytes.slice();
    expected.fill(0, 4096, 2 * 4096);
    expected.fill(0, 3 * 4096, 4 * 4096);
    assert.deepEqual(window.view(0, 5 * 4096), expected);
    assert.deepEqual([window.unreadableOffset, window.unreadableBytes], [4096, 8192]);
  });

  it('any other fault: is thrown', () => {
    const storage = new FaultStorage(diskWith(patternBytes(100)));
    storage.failOnce('read', 'EACCES');
    assert.throws(() => windowOf(storage).view(0, 1), { code: 'EACCES' });
    assert.equal(diskError('EACCES').code, 'EACCES');
  });
});

describe('WalWindow: find', () => {
  it('the word at any aligned place: is found from any aligned place up to it', () => {
    const bytes = new Uint8Array(2 * MiB + 16);
    for (const place of [0, 8, MiB - 8, MiB, MiB + 8, 2 * MiB + 8]) {
      bytes.fill(0);
      new DataView(bytes.buffer).setUint32(place, frameMagic, true);
      const window = windowOf(diskWith(bytes));
      assert.equal(window.find(frameMagic, 0), place);
      assert.equal(window.find(frameMagic, place), place);
      assert.equal(window.find(frameMagic, place + 8), -1);
    }
  });

  it('the word between two steps, or cut off by the end: is not found', () => {
    const bytes = new Uint8Array(64);
    for (const place of [1, 4, 12, 57, 60]) {
      bytes.fill(0);
      new DataView(bytes.buffer).setUint32(place, frameMagic, true);
      assert.equal(windowOf(diskWith(bytes)).find(frameMagic, 0), -1);
    }
  });

  it('a file full of the word: is gone through without being read again and again', () => {
    const bytes = new Uint8Array(2 * MiB);
    new Uint32Array(bytes.buffer).fill(frameMagic);
    const storage = diskWith(bytes);
    let readCount = 0;
    const read: Storage['read'] = (...call) => {
      readCount += 1;
      return storage.read(...call);
    };
    const window = windowOf({ ...storage, read });
    let found = 0;
    for (let at = window.find(frameMagic, 0); at !== -1; at = window.find(frameMagic, at + 8))
      found += 1;
    assert.equal(found, (2 * MiB) / 8);
    assert.ok(readCount <= 4);
  });
});
