/** The small files of `.archer` come back, and only those that are gone. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { nodeStorage } from '../../src/disk/storage.ts';
import { restorePrivateFiles } from '../../src/lane/private-files.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';

it('restorePrivateFiles: the id is written, the checkpoint asked for, a lost lock told', () => {
  const outputDir = newFolder();
  let isCheckpointGone = true;
  let lockLosses = 0;
  const restore = () =>
    restorePrivateFiles({
      ...{ storage: nodeStorage, outputDir, recorderId },
      segments: { restoreCheckpoint: () => isCheckpointGone },
      onLockMissing: () => {
        lockLosses += 1;
      },
    });
  assert.deepEqual([restore(), lockLosses], [['id', 'checkpoint'], 1]);
  assert.equal(readFileSync(join(outputDir, '.archer/id'), 'utf8'), `${recorderId}\n`);
  isCheckpointGone = false;
  writeFileSync(join(outputDir, '.archer/lock'), '');
  assert.deepEqual([restore(), lockLosses], [[], 1]);
  rmSync(join(outputDir, '.archer/id'));
  assert.deepEqual([restore(), lockLosses], [['id'], 1]);
});
