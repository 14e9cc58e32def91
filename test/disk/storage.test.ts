/** Checks that the machine's disk meets the contract of the port. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodeStorage as storage, touchFile } from '../../src/disk/storage.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();

function code(expected: string) {
  return (error: NodeJS.ErrnoException) => error.code === expected;
}

describe('nodeStorage', () => {
  it('open: create refuses what is there, and leaves it as it is', () => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, 'old');
    assert.throws(() => storage.open(path, 'create'), code('EEXIST'));
    assert.equal(readFileSync(path, 'utf8'), 'old');
  });

  it('open: create refuses a link that leads nowhere', () => {
    const path = join(newFolder(), 'link');
    symlinkSync('nowhere', path);
    assert.throws(() => storage.open(path, 'create'), code('EEXIST'));
  });

  it('open: read and update refuse what is not there', () => {
    const path = join(newFolder(), 'file');
    assert.throws(() => storage.open(path, 'read'), code('ENOENT'));
    assert.throws(() => storage.open(path, 'update'), code('ENOENT'));
  });

  it('write: puts the views one behind the other at the position', () => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, '0123456789');
    const file = storage.open(path, 'update');
    assert.equal(storage.write(file, [Buffer.from('ab'), Buffer.from('c')], 4), 3);
    storage.close(file);
    assert.equal(readFileSync(path, 'utf8'), '0123abc789');
  });

  it('write: takes views over shared memory', () => {
    const path = join(newFolder(), 'file');
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    shared.set(Buffer.from('shared!!'));
    const file = storage.open(path, 'create');
    assert.equal(storage.write(file, [shared.subarray(0, 2), shared.subarray(2)], 0), 8);
    storage.close(file);
    assert.equal(readFileSync(path, 'utf8'), 'shared!!');
  });

  it('write: takes more views than one system call does', () => {
    const path = join(newFolder(), 'file');
    const file = storage.open(path, 'create');
    const views = Array.from({ length: 3000 }, (_, index) => Uint8Array.of(index & 255));
    assert.equal(storage.write(file, views, 0), 3000);
    storage.close(file);
    assert.deepEqual(readFileSync(path), Buffer.concat(views));
  });

  it('read: gives what is there, and nothing behind the end', () => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, 'content');
    const file = storage.open(path, 'read');
    const view = Buffer.alloc(10);
    assert.equal(storage.read(file, view, 3), 4);
    assert.equal(view.toString('utf8', 0, 4), 'tent');
    assert.equal(storage.read(file, view, 7), 0);
    storage.close(file);
  });

  it('truncate: cuts, and fills with zeros', () => {
    const path = join(newFolder(), 'file');
    const file = storage.open(path, 'create');
    storage.write(file, [Buffer.from('abcd')], 0);
    storage.truncate(file, 2);
    storage.truncate(file, 4);
    storage.close(file);
    assert.deepEqual(readFileSync(path), Buffer.from('ab\0\0'));
  });

  it('syncData and syncFolder: work on a new file and its folder', () => {
    const folder = newFolder();
    const file = storage.open(join(folder, 'file'), 'create');
    storage.syncData(file);
    storage.close(file);
    storage.syncFolder(folder);
  });

  it('rename: takes the place of what has the name', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'new'), 'new');
    writeFileSync(join(folder, 'old'), 'old');
    storage.rename(join(folder, 'new'), join(folder, 'old'));
    assert.equal(readFileSync(join(folder, 'old'), 'utf8'), 'new');
    assert.equal(storage.stat(join(folder, 'new')), undefined);
  });

  it('makeFolder: makes those above too, and is content with what is there', () => {
    const path = join(newFolder(), 'a', 'b');
    storage.makeFolder(path);
    storage.makeFolder(path);
    assert.equal(storage.stat(path)?.kind, 'folder');
  });

  it('makeFolder: a file in the way, or above, is an error', () => {
    const path = join(newFolder(), 'a');
    writeFileSync(path, '');
    assert.throws(() => storage.makeFolder(path), { code: 'EEXIST' });
    assert.throws(() => storage.makeFolder(join(path, 'b', 'c')), { code: 'ENOTDIR' });
  });

  it('makeFolder: a link to a folder is a folder', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'real'));
    symlinkSync('real', join(folder, 'link'));
    storage.makeFolder(join(folder, 'link'));
    storage.makeFolder(join(folder, 'link', 'a', 'b'));
    assert.equal(storage.stat(join(folder, 'real', 'a', 'b'))?.kind, 'folder');
  });

  it('makeFolder: below a folder that refuses with ENOENT it fails and does not loop', () => {
    if (!existsSync('/proc/self')) return;
    assert.throws(() => storage.makeFolder('/proc/archer/a/b'), { code: 'ENOENT' });
  });

  it('list: names kinds, and a link is neither file nor folder', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('file', join(folder, 'link'));
    const entries = storage.list(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(entries, [
      { name: 'file', kind: 'file' },
      { name: 'folder', kind: 'folder' },
      { name: 'link', kind: 'other' },
    ]);
    assert.equal(storage.stat(join(folder, 'link'))?.kind, 'other');
  });

  it('stat: tells length and time; nothing of what is not there', () => {
    const path = join(newFolder(), 'file');
    assert.equal(storage.stat(path), undefined);
    writeFileSync(path, 'abc');
    const facts = storage.stat(path);
    assert.equal(facts?.bytes, 3);
    assert.equal(facts?.links, 1);
    assert.ok(facts !== undefined && facts.modifiedMs > 1.7e12);
  });

  it('statOpen: an open file that was deleted has no link left', () => {
    const path = join(newFolder(), 'file');
    const file = storage.open(path, 'create');
    assert.equal(storage.statOpen(file).links, 1);
    storage.remove(path);
    assert.equal(storage.statOpen(file).links, 0);
    storage.close(file);
  });

  it('freeBytes: is some number of bytes', () => {
    const bytes = storage.freeBytes(newFolder());
    assert.ok(Number.isSafeInteger(bytes) && bytes >= 0);
  });
});

describe('touchFile', () => {
  it('a file with exactly these bytes: gets the time; any other is left as it is', async () => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, 'mine');
    assert.equal(await touchFile(path, Buffer.from('mine'), 1_700_000_000_123), true);
    assert.equal(Math.round(statSync(path).mtimeMs), 1_700_000_000_123);
    for (const other of ['min', 'mine!', 'ours', '']) {
      assert.equal(await touchFile(path, Buffer.from(other), 5_000), false, other);
    }
    assert.equal(Math.round(statSync(path).mtimeMs), 1_700_000_000_123);
    assert.equal(readFileSync(path, 'utf8'), 'mine');
  });

  it('no file: resolves with false; a folder in its place: rejects', async () => {
    const folder = newFolder();
    assert.equal(await touchFile(join(folder, 'none'), Buffer.from('x'), 5_000), false);
    await assert.rejects(touchFile(folder, Buffer.from('x'), 5_000), { code: 'EISDIR' });
  });
});
