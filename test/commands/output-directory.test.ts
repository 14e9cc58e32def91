/** A segment's output directory is told from where the segment lies. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { outputDirectoryOf } from '../../src/commands/output-directory.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const name = 'traces-20261121T085305.123Z-000001.arrow';

function directoryOf(path: string): string | undefined {
  return outputDirectoryOf(nodeStorage, path);
}

describe('output directory', () => {
  it('a segment in its place: is of the directory above, where a recorder has been', () => {
    const outputDir = newFolder();
    const path = join(outputDir, 'traces', 'date=2026-11-21', name);
    assert.equal(directoryOf(path), undefined);
    mkdirSync(join(outputDir, '.archer'));
    assert.equal(directoryOf(path), outputDir);
    assert.equal(directoryOf(relative(process.cwd(), path)), outputDir);
  });

  it('a file elsewhere, or of another name: is of none', () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    for (const path of [
      ['traces', 'date=2026-11-21', 'copy.arrow'],
      ['metrics', 'date=2026-11-21', name],
      ['traces', '2026-11-21', name],
      ['traces', name],
      ['.archer', 'damaged', name],
      [name],
    ]) {
      assert.equal(directoryOf(join(outputDir, ...path)), undefined, path.join('/'));
    }
  });
});
