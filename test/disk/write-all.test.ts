/** Shows that short writes are continued and errors are passed on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeAll } from '../../src/disk/write-all.ts';
import { FaultStorage } from './fault-storage.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();
const views = ['', 'abc', '', 'defgh', 'i', ''].map((text) => Buffer.from(text));

function writeWith(storage: FaultStorage): string {
  const path = join(newFolder(), 'file');
  const file = storage.open(path, 'create');
  try {
    assert.equal(writeAll(storage, file, views, 2), 11);
  } finally {
    storage.close(file);
  }
  return readFileSync(path, 'utf8');
}

describe('writeAll', () => {
  for (const bytes of [1, 2, 3, 4, 5, 8, 9]) {
    it(`writes of at most ${bytes} bytes: are continued until all is written`, () => {
      const storage = new FaultStorage();
      storage.bytesPerCallMax = bytes;
      assert.equal(writeWith(storage), '\0\0abcdefghi');
    });
  }

  it('an ordinary write: is one call', () => {
    const storage = new FaultStorage();
    writeWith(storage);
    assert.equal(storage.calls.filter((call) => call.startsWith('write')).length, 1);
  });

  it('a full disk after a short write: throws its error', () => {
    const storage = new FaultStorage();
    storage.bytesPerCallMax = 4;
    storage.failOnce('write', 'ENOSPC', { callsBefore: 1, bytesBefore: 2 });
    assert.throws(() => writeWith(storage), { code: 'ENOSPC' });
  });

  it('a disk that takes nothing: throws, and does not try for ever', () => {
    const storage = new FaultStorage();
    storage.bytesPerCallMax = 0;
    assert.throws(() => writeWith(storage), /wrote no byte/);
  });

  it('nothing to write: is no call', () => {
    const storage = new FaultStorage();
    assert.equal(writeAll(storage, -1, [new Uint8Array(0)], 7), 7);
    assert.deepEqual(storage.calls, []);
  });
});
