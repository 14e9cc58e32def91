/** Files are found by name, in order, as deep as folders may go. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { FileKind } from '../../../src/commands/verify/file-kind.ts';
import { findFiles } from '../../../src/commands/verify/file-search.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { temporaryFolders } from '../../disk/temporary-folder.ts';

const newFolder = temporaryFolders();

function kind(name: string): FileKind {
  const check = () => {
    throw new Error('nothing is read while files are searched for');
  };
  const isNamed = (fileName: string) => fileName.endsWith(`.${name}`);
  return { name, isNamed, outputDirOf: () => undefined, check };
}

const kinds = [kind('a'), kind('b')] as const;

function write(folder: string, ...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
}

/** Path below the folder, and kind. */
function found(folder: string, path = folder): string[] | undefined {
  return findFiles(nodeStorage, path, [...kinds])?.map(
    (file) => `${file.path.slice(folder.length + 1)} ${file.kind.name} ${file.bytes}`,
  );
}

describe('file search', () => {
  it('a folder: the files of each kind, in order of their names', () => {
    const folder = newFolder();
    write(folder, 'z.a', 'y/2.a', 'y/1.b', 'x.c', '.archer/wal/0.b');
    assert.deepEqual(found(folder), ['.archer/wal/0.b b 15', 'y/1.b b 5', 'y/2.a a 5', 'z.a a 3']);
  });

  it('a file: by its name, or of the first kind whatever it is called', () => {
    const folder = newFolder();
    write(folder, '1.b', '1.c');
    assert.deepEqual(found(folder, join(folder, '1.b')), ['1.b b 3']);
    assert.deepEqual(found(folder, join(folder, '1.c')), ['1.c a 3']);
  });

  it('what recovery set aside: is found only when it is asked for', () => {
    const folder = newFolder();
    write(folder, '.archer/damaged/1.a', 'damaged/1.a');
    assert.deepEqual(found(folder), ['damaged/1.a a 11']);
    assert.deepEqual(found(folder, join(folder, '.archer', 'damaged')), [
      '.archer/damaged/1.a a 19',
    ]);
  });

  it('links in a folder: are not followed, so that no circle is', () => {
    const folder = newFolder();
    write(folder, '1.a');
    symlinkSync(folder, join(folder, 'circle'));
    symlinkSync(join(folder, '1.a'), join(folder, '2.a'));
    assert.deepEqual(found(folder), ['1.a a 3']);
  });

  it('folders deeper than any of ours: are not entered', () => {
    const folder = newFolder();
    write(folder, `${'d/'.repeat(15)}1.a`, `${'e/'.repeat(16)}1.a`);
    assert.deepEqual(found(folder), [`${'d/'.repeat(15)}1.a a 33`]);
  });

  it('nothing there: undefined', () => {
    assert.equal(found(join(newFolder(), 'none')), undefined);
  });
});
