/** Finds whether an open file is at its path, elsewhere or nowhere, and saves its bytes. */
import assert from 'node:assert/strict';
import { copyFileSync, linkSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { copyDurably, syncRemoval, whereabouts } from '../../src/disk/file-whereabouts.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { FaultStorage } from './fault-storage.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();

function openFile(text = 'some bytes') {
  const folder = newFolder();
  const path = join(folder, 'file');
  const file = nodeStorage.open(path, 'create');
  nodeStorage.write(file, [Buffer.from(text)], 0);
  return { folder, path, file, where: () => whereabouts(nodeStorage, file, path) };
}

describe('whereabouts', () => {
  it('untouched: it is there', () => {
    assert.equal(openFile().where(), 'there');
  });

  it('deleted: no name leads to it', () => {
    const { path, where } = openFile();
    rmSync(path);
    assert.equal(where(), 'deleted');
  });

  it('renamed, or deleted where it has another name: it is moved', () => {
    const { folder, path, where } = openFile();
    renameSync(path, join(folder, 'other'));
    assert.equal(where(), 'moved');
    const linked = openFile();
    linkSync(linked.path, join(linked.folder, 'other'));
    assert.equal(linked.where(), 'there');
    rmSync(linked.path);
    assert.equal(linked.where(), 'moved');
  });

  it('another file at its path: it is moved or deleted', () => {
    const { folder, path, where } = openFile();
    renameSync(path, join(folder, 'other'));
    copyFileSync(join(folder, 'other'), path);
    utimesSync(path, 1, 1);
    assert.equal(where(), 'moved');
    rmSync(join(folder, 'other'));
    assert.equal(where(), 'deleted');
  });

  it('a disk that numbers files anew at each look: length and time tell', () => {
    const { path, file } = openFile();
    let inode = 1;
    const stat = (at: string) => {
      const facts = nodeStorage.stat(at);
      inode += 1;
      return facts && { ...facts, inode };
    };
    assert.equal(whereabouts({ ...nodeStorage, stat }, file, path), 'there');
    utimesSync(path, 1, 1);
    const before = { ...nodeStorage.statOpen(file), modifiedMs: 2_000 };
    const storage = { ...nodeStorage, stat, statOpen: () => before };
    assert.equal(whereabouts(storage, file, path), 'moved');
  });
});

describe('copyDurably', () => {
  it('copies so many bytes and no more, also in short reads and writes', () => {
    const text = 'x'.repeat(3000);
    const { folder, path } = openFile(text);
    const storage = new FaultStorage();
    const from = storage.open(path, 'update');
    const target = join(folder, 'copy');
    const to = storage.open(target, 'create');
    storage.bytesPerCallMax = 701;
    copyDurably(storage, folder, { file: from, bytes: 2500 }, { file: to, path: 'copy' });
    assert.equal(readFileSync(target, 'utf8'), text.slice(0, 2500));
    const [, name] = folder.split('/').slice(-2);
    assert.deepEqual(storage.calls.slice(-2), ['syncData copy', `syncFolder ${name}`]);
  });

  it('a file that is shorter than it should be: throws, and leaves no copy', () => {
    const { folder, file } = openFile('short');
    const to = nodeStorage.open(join(folder, 'copy'), 'create');
    const copy = () =>
      copyDurably(nodeStorage, folder, { file, bytes: 6 }, { file: to, path: 'copy' });
    assert.throws(copy, /shorter/);
    assert.equal(nodeStorage.stat(join(folder, 'copy')), undefined);
  });
});

describe('syncRemoval', () => {
  it('syncs the folder that is left of those above', () => {
    const storage = new FaultStorage();
    const outputDir = newFolder();
    storage.makeFolder(join(outputDir, 'traces'));
    storage.calls.length = 0;
    syncRemoval(storage, outputDir, 'traces/date=2026-11-21/a.arrow');
    syncRemoval(storage, outputDir, 'logs/date=2026-11-21/a.arrow');
    syncRemoval(storage, join(outputDir, 'gone'), 'logs/date=2026-11-21/a.arrow');
    const [, ...name] = outputDir.split('/').slice(-2);
    assert.deepEqual(storage.calls, ['syncFolder traces', `syncFolder ${name}`]);
  });
});
