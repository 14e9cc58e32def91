/** Ranges are read completely, even if each read returns only a few bytes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readHead, readRange } from '../../src/disk/file-range.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { FaultStorage } from './fault-storage.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();

function newFile(text: string): string {
  const path = join(newFolder(), 'file');
  writeFileSync(path, text);
  return path;
}

describe('file range', () => {
  it('a range: is read whole, from a disk that gives two bytes at a time', () => {
    const storage = new FaultStorage();
    storage.bytesPerCallMax = 2;
    const file = storage.open(newFile('0123456789'), 'read');
    assert.equal(Buffer.from(readRange(storage, file, 3, 5)).toString(), '34567');
  });

  it('a range beyond the end: is shorter', () => {
    const file = nodeStorage.open(newFile('0123456789'), 'read');
    assert.equal(Buffer.from(readRange(nodeStorage, file, 8, 5)).toString(), '89');
    assert.equal(readRange(nodeStorage, file, 20, 5).byteLength, 0);
    nodeStorage.close(file);
  });

  it('a head: has so many bytes at most, and the file is closed', () => {
    const storage = new FaultStorage();
    const path = newFile('0123456789');
    assert.equal(Buffer.from(readHead(storage, path, 4) ?? []).toString(), '0123');
    assert.equal(Buffer.from(readHead(storage, path, 40) ?? []).toString(), '0123456789');
    assert.equal(storage.openCount, 0);
  });

  it('a head of what is not there: is undefined; of what cannot be read: throws', () => {
    const storage = new FaultStorage();
    assert.equal(readHead(storage, join(newFolder(), 'none'), 4), undefined);
    storage.failOnce('read', 'EIO');
    assert.throws(() => readHead(storage, newFile('x'), 4), { code: 'EIO' });
    assert.equal(storage.openCount, 0);
  });
});
