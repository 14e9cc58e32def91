/** Shows that a lock is read as it was written, and that its stamp changes with each renewal. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  isLockMissing,
  type LockHolder,
  readLock,
  writeLock,
} from '../../../src/disk/lock/lock-file.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { fakeIdentity } from './fake-processes.ts';

const newFolder = temporaryFolders();

const holder: LockHolder = {
  ...fakeIdentity(4711),
  lease: '6f1d3c0e-5b0b-4c61-8d0e-1f7d6b0a9e55',
  ports: { grpc: 4317, http: 4318, dashboard: null },
};

function newOutputDir(): { outputDir: string; path: string } {
  const outputDir = newFolder();
  mkdirSync(join(outputDir, '.archer'));
  return { outputDir, path: join(outputDir, '.archer', 'lock') };
}

describe('lock file', () => {
  it('what was written: is read, and its bytes are returned', () => {
    const { outputDir, path } = newOutputDir();
    for (const ports of [null, holder.ports]) {
      const bytes = writeLock(nodeStorage, outputDir, { ...holder, ports });
      assert.deepEqual(readLock(nodeStorage, outputDir).holder, { ...holder, ports });
      assert.deepEqual(readFileSync(path), bytes);
    }
  });

  it('no file: has no holder and no stamp', () => {
    const { outputDir } = newOutputDir();
    assert.equal(isLockMissing(nodeStorage, outputDir), true);
    assert.deepEqual(readLock(nodeStorage, outputDir), { holder: undefined, stamp: '' });
    writeLock(nodeStorage, outputDir, holder);
    assert.equal(isLockMissing(nodeStorage, outputDir), false);
  });

  it('the stamp: changes with the modification time and with a new file, else never', () => {
    const { outputDir, path } = newOutputDir();
    writeLock(nodeStorage, outputDir, holder);
    const first = readLock(nodeStorage, outputDir).stamp;
    assert.equal(readLock(nodeStorage, outputDir).stamp, first);
    utimesSync(path, 1, 1);
    const second = readLock(nodeStorage, outputDir).stamp;
    assert.notEqual(second, first);
    writeLock(nodeStorage, outputDir, { ...holder, ports: null });
    assert.notEqual(readLock(nodeStorage, outputDir).stamp, second);
  });

  it('cut at any byte, or with bytes behind it: has no holder', () => {
    const { outputDir, path } = newOutputDir();
    const bytes = writeLock(nodeStorage, outputDir, holder);
    for (let length = 0; length < bytes.byteLength; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      assert.equal(readLock(nodeStorage, outputDir).holder, undefined, `${length} bytes`);
    }
    writeFileSync(path, Buffer.concat([bytes, bytes]));
    assert.equal(readLock(nodeStorage, outputDir).holder, undefined);
  });
});
