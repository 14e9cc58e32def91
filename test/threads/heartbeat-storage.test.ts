/** Each call to the disk is shown in the heartbeat while it runs, and works as without it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { heartbeatStorage } from '../../src/threads/heartbeat-storage.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();

function open() {
  const outputDir = newFolder();
  const beats: string[] = [];
  const disk = new FaultStorage();
  const heartbeat = { beat: (waitsFor = '') => beats.push(waitsFor) };
  return { outputDir, beats, disk, storage: heartbeatStorage(disk, heartbeat, outputDir) };
}

describe('heartbeatStorage', () => {
  it('calls: each is shown with its path below the output directory, then nothing', () => {
    const { outputDir, beats, storage } = open();
    storage.makeFolder(join(outputDir, 'a'));
    const file = storage.open(join(outputDir, 'a/b'), 'create');
    assert.equal(storage.write(file, [new Uint8Array(3)], 0), 3);
    assert.equal(storage.statOpen(file).bytes, 3);
    storage.close(file);
    storage.freeBytes(outputDir);
    const shown = ['mkdir a', 'open a/b', 'write a/b', 'fstat a/b', 'close a/b', 'statfs .'];
    assert.deepEqual(
      beats,
      shown.flatMap((call) => [call, '']),
    );
  });

  it('a call that throws: the error goes on, and nothing is shown any more', () => {
    const { outputDir, beats, disk, storage } = open();
    disk.failOnce('makeFolder', 'ENOSPC');
    assert.throws(() => storage.makeFolder(join(outputDir, 'a')), /ENOSPC/);
    assert.deepEqual(beats, ['mkdir a', '']);
  });
});
