import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isFolderAt } from '../../src/disk/folder-at.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';

after(cleanUp);

describe('isFolderAt', () => {
  it('a folder, or a link to one; nothing else', () => {
    const folder = makeFolder();
    const at = (name: string) => isFolderAt(nodeStorage, join(folder, name));
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(folder, join(folder, 'to folder'));
    symlinkSync(join(folder, 'file'), join(folder, 'to file'));
    symlinkSync(join(folder, 'nothing'), join(folder, 'to nothing'));
    symlinkSync(join(folder, 'circle'), join(folder, 'circle'));
    assert.deepEqual([at('.'), at('to folder')], [true, true]);
    for (const name of ['file', 'to file', 'nothing', 'to nothing', 'circle']) {
      assert.equal(at(name), false, name);
    }
  });
});
