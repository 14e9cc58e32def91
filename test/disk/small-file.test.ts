/** Shows that a small file is replaced completely or not at all. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeFileAtomically } from '../../src/disk/small-file.ts';
import { FaultStorage, type Operation } from './fault-storage.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();

describe('writeFileAtomically', () => {
  it('each step: comes in the order that makes it durable', () => {
    const folder = newFolder();
    const storage = new FaultStorage();
    writeFileAtomically(storage, join(folder, 'file'), Buffer.from('new'));
    assert.deepEqual(
      storage.calls.map((call) => call.split('/').at(-1)?.split(' case-')[0]),
      [
        'open file.tmp',
        'write file.tmp',
        'syncData file.tmp',
        'close file.tmp',
        'rename file',
        'syncFolder',
      ],
    );
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  it('a temporary file of a dead writer: is used up', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file.tmp'), 'much longer than the new content');
    writeFileAtomically(new FaultStorage(), join(folder, 'file'), Buffer.from('new'));
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  const steps: readonly Operation[] = ['open', 'write', 'syncData', 'close', 'rename'];
  for (const step of steps) {
    it(`a fault at ${step}: leaves the old content, and the next try succeeds`, () => {
      const path = join(newFolder(), 'file');
      const storage = new FaultStorage();
      writeFileAtomically(storage, path, Buffer.from('old'));
      storage.failOnce(step, 'EIO', { bytesBefore: 1 });
      assert.throws(() => writeFileAtomically(storage, path, Buffer.from('new')), { code: 'EIO' });
      assert.equal(storage.openCount, 0);
      assert.equal(readFileSync(path, 'utf8'), 'old');
      writeFileAtomically(storage, path, Buffer.from('new'));
      assert.equal(readFileSync(path, 'utf8'), 'new');
    });
  }
});
