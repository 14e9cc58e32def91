/** Shows that every start completes the set of log files and deletes none that is needed. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { WalFiles, walFileBytes, walFileCount } from '../../../src/disk/wal/wal-files.ts';
import type { WalFoundFile } from '../../../src/disk/wal/wal-reader.ts';
import { filePath, range } from '../example-log.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const newFolder = temporaryFolders();
const folder = '/out/.archer/wal/lane-0';
const fileBytes = 8192;

function open(storage: Storage, found: readonly WalFoundFile[] = [], neededFrom = 1): WalFiles {
  return new WalFiles({ storage, folder, fileBytes, found, neededFrom });
}

function names(storage: Storage): string[] {
  return storage
    .list(folder)
    .map(({ name }) => name)
    .sort();
}

const wholeSet = range(1, walFileCount).map((number) => basename(filePath('', number)));

describe('walFileBytes', () => {
  it('a log: is divided into whole pages', () => {
    assert.equal(walFileBytes(256 * 1024 * 1024), 32 * 1024 * 1024);
    assert.equal(walFileBytes(8 * 4096 + 4095), 4096);
    assert.throws(() => walFileBytes(8 * 4096 - 1), /room for a frame/);
  });
});

describe('WalFiles: open', () => {
  it('an empty folder: gets a set of zeros on the real disk, that is really there', () => {
    const real = join(newFolder(), 'a', 'b', 'lane-0');
    const options = { folder: real, fileBytes: 2 * 1024 * 1024 + 4096, found: [], neededFrom: 1 };
    const files = new WalFiles({ storage: nodeStorage, ...options });
    assert.deepEqual(readdirSync(real).sort(), wholeSet);
    for (const name of wholeSet) {
      const { size, blocks } = statSync(join(real, name));
      assert.equal(size, options.fileBytes);
      assert.ok(blocks * 512 >= size, 'every block is allocated');
    }
    files.close();
  });

  it('a new set: is durable, its names too', () => {
    const storage = new FaultStorage(new VolatileStorage());
    open(storage);
    const syncs = storage.calls.filter((call) => call.startsWith('sync'));
    const expected = [...wholeSet.map((name) => `syncData ${name}`)];
    assert.deepEqual(syncs, [
      ...expected,
      'syncFolder lane-0',
      'syncFolder wal',
      'syncFolder .archer',
    ]);
  });

  it('a whole set: is taken as it is', () => {
    const storage = new FaultStorage(new VolatileStorage());
    open(storage).close();
    storage.calls.length = 0;
    const found = range(1, walFileCount).map((number) => foundFile(number, { epoch: number }));
    const files = open(storage, found);
    assert.deepEqual(
      storage.calls.filter((call) => !call.startsWith('open')),
      ['makeFolder lane-0'],
    );
    assert.ok(files.all.every(({ phase, kind }) => phase === 'left' && kind === 'fixed'));
  });

  it('files that are not needed: are free', () => {
    const storage = new VolatileStorage();
    open(storage).close();
    const found = range(1, walFileCount).map((number) => foundFile(number, { epoch: number }));
    const files = open(storage, found, 31);
    assert.deepEqual(
      files.all.map(({ phase }) => phase === 'free'),
      [true, true, true, false, false, false, false, false],
    );
  });

  it('files of another length: stay while they are needed, beside a whole set', () => {
    const storage = new VolatileStorage();
    storage.makeFolder(folder);
    storage.put(filePath(folder, 1), new Uint8Array(4096));
    storage.put(filePath(folder, 3), new Uint8Array(4096));
    const found = [foundFile(1, { bytes: 4096 }), foundFile(3, { bytes: 4096 })];
    const files = open(storage, found, 15);
    assert.equal(names(storage).length, walFileCount + 1);
    assert.equal(storage.stat(filePath(folder, 1))?.bytes, fileBytes);
    assert.equal(storage.stat(filePath(folder, 3))?.bytes, 4096);
    files.release(31);
    assert.equal(names(storage).length, walFileCount);
    assert.equal(storage.stat(filePath(folder, 3)), undefined);
  });

  it('more files than a set has: go when they are not needed', () => {
    const storage = new VolatileStorage();
    storage.makeFolder(folder);
    for (const number of range(1, 11))
      storage.put(filePath(folder, number), new Uint8Array(fileBytes));
    const files = open(
      storage,
      range(1, 11).map((number) => foundFile(number)),
    );
    assert.equal(names(storage).length, 11);
    files.release(1000);
    assert.equal(names(storage).length, walFileCount);
  });

  it('names that are taken by others: are not used', () => {
    const storage = new VolatileStorage();
    storage.makeFolder(folder);
    storage.put(filePath(folder, 2), Uint8Array.of(1, 2, 3));
    open(storage);
    assert.deepEqual(storage.bytesOf(filePath(folder, 2)), Uint8Array.of(1, 2, 3));
    assert.equal(names(storage).length, walFileCount + 1);
  });

  it('a full disk while the set is made: throws, leaves no half file and nothing open', () => {
    for (const [operation, callsBefore] of [
      ['write', 3],
      ['syncData', 2],
      ['open', 4],
    ] as const) {
      const storage = new FaultStorage(new VolatileStorage());
      storage.failOnce(operation, 'ENOSPC', { callsBefore, bytesBefore: 100 });
      assert.throws(() => open(storage), { code: 'ENOSPC' });
      assert.equal(storage.openCount, 0);
      for (const name of names(storage)) {
        assert.equal(storage.stat(join(folder, name))?.bytes, fileBytes);
      }
    }
  });
});

describe('WalFiles: own files', () => {
  it('created: has no byte, a name of its own, and goes when it is released', () => {
    const storage = new VolatileStorage();
    const files = open(storage);
    const own = files.create(100_000);
    assert.equal(own.path, filePath(folder, 9));
    own.phase = 'left';
    own.lastPosition = 7;
    files.release(7);
    assert.equal(storage.stat(own.path)?.bytes, 0);
    files.release(8);
    assert.equal(storage.stat(own.path), undefined);
    assert.equal(files.all.length, walFileCount);
  });

  it('removed: does not come back after a power loss', () => {
    const disk = new VolatileStorage();
    const files = open(disk);
    const own = files.create(100_000);
    disk.syncFolder(folder);
    own.phase = 'left';
    files.release(1);
    disk.losePower({ below: () => 0, bytes: () => new Uint8Array(0) });
    assert.equal(disk.stat(own.path), undefined);
    assert.equal(names(disk).length, walFileCount);
  });

  it('one that cannot be removed: is tried again', () => {
    const storage = new FaultStorage(new VolatileStorage());
    const files = open(storage);
    const own = files.create(100_000);
    own.phase = 'left';
    storage.failOnce('remove', 'EIO');
    files.release(1);
    assert.equal(files.all.length, walFileCount + 1);
    files.release(1);
    assert.equal(files.all.length, walFileCount);
    assert.equal(storage.stat(own.path), undefined);
    assert.equal(storage.openCount, walFileCount);
  });

  it('one that somebody has removed: is gone', () => {
    const storage = new FaultStorage(new VolatileStorage());
    const files = open(storage);
    const own = files.create(100_000);
    own.phase = 'left';
    storage.remove(own.path);
    files.release(1);
    assert.equal(files.all.length, walFileCount);
  });
});

describe('WalFiles: a damaged file', () => {
  const damaged = { isDamaged: true as const };

  it('nothing in it is needed: its bytes are kept, and it is full of zeros', () => {
    const storage = new VolatileStorage();
    storage.makeFolder(folder);
    const bytes = new Uint8Array(fileBytes).fill(7);
    storage.put(filePath(folder, 1), bytes);
    const files = open(storage, [foundFile(1, damaged)], 5);
    assert.deepEqual(storage.bytesOf(filePath(folder, 1)), bytes, 'it is needed up to 10');
    files.release(11);
    const kept = '/out/.archer/damaged/lane-0-0001.log';
    assert.deepEqual(storage.bytesOf(kept), bytes);
    assert.ok(storage.bytesOf(filePath(folder, 1)).every((byte) => byte === 0));
    assert.deepEqual(files.missing(), []);
    files.release(12);
    assert.deepEqual(
      storage.list('/out/.archer/damaged').map(({ name }) => name),
      ['lane-0-0001.log'],
    );
  });

  it('a file of its own length: its bytes are kept before it is removed', () => {
    const storage = new VolatileStorage();
    storage.makeFolder(folder);
    storage.put(filePath(folder, 1), new Uint8Array(100).fill(7));
    open(storage, [foundFile(1, { ...damaged, bytes: 100 })], 11);
    assert.equal(storage.bytesOf('/out/.archer/damaged/lane-0-0001.log').byteLength, 100);
    assert.ok(storage.bytesOf(filePath(folder, 1)).byteLength === fileBytes, 'made for the set');
  });

  it('a full disk: keeps no copy, and the file is made anew all the same', () => {
    const storage = new FaultStorage(new VolatileStorage());
    storage.makeFolder(folder);
    const files = open(storage);
    const found = range(1, walFileCount).map((number) => foundFile(number, damaged));
    files.close();
    const again = open(storage, found, 5);
    storage.failOnce('write', 'ENOSPC');
    again.release(11);
    assert.deepEqual(storage.list('/out/.archer/damaged'), []);
  });
});

describe('WalFiles: missing', () => {
  it('files that were moved or deleted: are named', () => {
    const storage = new VolatileStorage();
    const files = open(storage);
    assert.deepEqual(files.missing(), []);
    storage.remove(filePath(folder, 2));
    storage.rename(filePath(folder, 5), '/elsewhere');
    assert.deepEqual(files.missing(), [filePath(folder, 2), filePath(folder, 5)]);
  });

  it('files that were cut: are named, a file for one group too', () => {
    const storage = new VolatileStorage();
    const files = open(storage);
    const own = files.create(100);
    own.endBytes = 100;
    storage.write(own.handle, [new Uint8Array(100)], 0);
    cut(storage, filePath(folder, 3), fileBytes - 1);
    assert.deepEqual(files.missing(), [filePath(folder, 3)]);
    cut(storage, own.path, 99);
    assert.deepEqual(files.missing(), [filePath(folder, 3), own.path]);
  });
});

function cut(storage: VolatileStorage, path: string, bytes: number): void {
  const file = storage.open(path, 'update');
  storage.truncate(file, bytes);
  storage.close(file);
}

function foundFile(number: number, change: Partial<WalFoundFile> = {}): WalFoundFile {
  return { number, bytes: fileBytes, epoch: number, lastPosition: number * 10, ...change };
}
