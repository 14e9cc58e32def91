/** Shows that a checkpoint is read as it was written or not at all. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { privateFolder } from '../../../src/disk/layout.ts';
import {
  type Checkpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../../src/disk/segment/checkpoint.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { seededRandom } from '../../random.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();

const example: Checkpoint = {
  recorder: '0f8fad5b-d9cb-469f-a165-70867728950e',
  nextSegmentNumber: 12,
  oldestOpenNumber: 9,
  lanes: [
    {
      lane: 0,
      nextPosition: 2n ** 47n,
      archived: { traces: 2n ** 47n - 1n, metrics: 0n, logs: 5n },
    },
    { lane: 1, nextPosition: 1n, archived: { traces: 0n, metrics: 0n, logs: 0n } },
  ],
};

function newOutputDir(): { outputDir: string; path: string } {
  const outputDir = newFolder();
  mkdirSync(join(outputDir, privateFolder));
  return { outputDir, path: join(outputDir, privateFolder, 'checkpoint') };
}

describe('readCheckpoint', () => {
  it('no checkpoint: is absent, with and without its folder', () => {
    assert.equal(readCheckpoint(nodeStorage, newFolder()), 'absent');
    assert.equal(readCheckpoint(nodeStorage, newOutputDir().outputDir), 'absent');
  });

  it('what was written: is read back', () => {
    const { outputDir, path } = newOutputDir();
    writeCheckpoint(nodeStorage, outputDir, example);
    assert.deepEqual(readCheckpoint(nodeStorage, outputDir), example);
    assert.equal(
      readFileSync(path, 'utf8'),
      '{"version":1,"recorder":"0f8fad5b-d9cb-469f-a165-70867728950e","next_segment_number":12,' +
        '"oldest_open_number":9,"lanes":[' +
        '{"lane":0,"next_position":"140737488355328",' +
        '"archived":{"traces":"140737488355327","metrics":"0","logs":"5"}},' +
        '{"lane":1,"next_position":"1","archived":{"traces":"0","metrics":"0","logs":"0"}}]}\n' +
        'crc32 e7aefd30\n',
    );
  });

  it('cut at every byte: is damaged', () => {
    const { outputDir, path } = newOutputDir();
    writeCheckpoint(nodeStorage, outputDir, example);
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      assert.equal(readCheckpoint(nodeStorage, outputDir), 'damaged', `cut at ${length}`);
    }
  });

  it('changed at every byte, by a bit, by its case and at random: is damaged', () => {
    const random = seededRandom();
    const { outputDir, path } = newOutputDir();
    writeCheckpoint(nodeStorage, outputDir, example);
    const bytes = readFileSync(path);
    for (let index = 0; index < bytes.length; index++) {
      const flips = [1, 32, 1 + random.below(255)];
      for (const flip of flips) {
        const changed = Buffer.from(bytes);
        changed[index]! ^= flip;
        writeFileSync(path, changed);
        assert.equal(readCheckpoint(nodeStorage, outputDir), 'damaged', `byte ${index} ^ ${flip}`);
      }
    }
  });

  it('bytes behind it: make it damaged', () => {
    const { outputDir, path } = newOutputDir();
    writeCheckpoint(nodeStorage, outputDir, example);
    for (const tail of ['\n', ' ', '\0', 'crc32 00000000\n']) {
      writeFileSync(path, readFileSync(path, 'utf8').slice(0, 400) + tail);
      assert.equal(readCheckpoint(nodeStorage, outputDir), 'damaged');
    }
  });

  const lines = [
    '',
    'null',
    '7',
    '{}',
    '{"version":2,"recorder":"x","next_segment_number":1,"oldest_open_number":1,"lanes":[]}',
    '{"version":1,"recorder":7,"next_segment_number":1,"oldest_open_number":1,"lanes":[]}',
    '{"version":1,"recorder":"x","next_segment_number":"1","oldest_open_number":1,"lanes":[]}',
    '{"version":1,"recorder":"x","next_segment_number":1,"oldest_open_number":1,"lanes":{}}',
    '{"version":1,"recorder":"x","next_segment_number":1,"oldest_open_number":1,"lanes":[{}]}',
    '{"version":1,"recorder":"x","next_segment_number":1,"oldest_open_number":1,"lanes":[],"y":0}',
    '{"version":1,"recorder":"x","next_segment_number":1,"oldest_open_number":1,"lanes":[ ]}',
  ];
  for (const line of lines) {
    it(`a right checksum over another shape: ${line}`, () => {
      const { outputDir, path } = newOutputDir();
      const sum = crc32(`${line}\n`).toString(16).padStart(8, '0');
      writeFileSync(path, `${line}\ncrc32 ${sum}\n`);
      assert.equal(readCheckpoint(nodeStorage, outputDir), 'damaged');
    });
  }

  it('an endless file: is damaged, and not read to its end', () => {
    const { outputDir, path } = newOutputDir();
    writeFileSync(path, Buffer.alloc(4 * 1024 * 1024, '{'));
    assert.equal(readCheckpoint(nodeStorage, outputDir), 'damaged');
  });
});

describe('writeCheckpoint', () => {
  it('a full disk: leaves the last checkpoint', () => {
    const { outputDir } = newOutputDir();
    const storage = new FaultStorage();
    writeCheckpoint(storage, outputDir, example);
    storage.failOnce('write', 'ENOSPC', { bytesBefore: 10 });
    const next = { ...example, nextSegmentNumber: 13 };
    assert.throws(() => writeCheckpoint(storage, outputDir, next), { code: 'ENOSPC' });
    assert.deepEqual(readCheckpoint(storage, outputDir), example);
    writeCheckpoint(storage, outputDir, next);
    assert.deepEqual(readCheckpoint(storage, outputDir), next);
  });
});
