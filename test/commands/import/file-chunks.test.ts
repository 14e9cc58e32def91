/** Tests that a file comes in chunks, and is closed however the reading ends. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileBytes, fileChunks } from '../../../src/commands/import/file-chunks.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { cleanUp, makeFolder } from '../../recorder/recorder-process.ts';

const MiB = 1024 * 1024;

describe('file-chunks', () => {
  after(cleanUp);

  function openCounted() {
    const counts = { open: 0 };
    const storage: Storage = {
      ...nodeStorage,
      open: (path, mode) => {
        counts.open += 1;
        return nodeStorage.open(path, mode);
      },
      close: (file) => {
        counts.open -= 1;
        nodeStorage.close(file);
      },
    };
    return { counts, storage };
  }

  it('all bytes come, in chunks of a MiB at most, each told', async () => {
    const path = join(makeFolder(), 'file');
    const content = Buffer.alloc(2.5 * MiB, 'abc');
    writeFileSync(path, content);
    const { counts, storage } = openCounted();
    const chunks: Uint8Array[] = [];
    let told = 0;
    for await (const chunk of fileChunks(storage, path, (count) => (told += count))) {
      assert.ok(chunk.length <= MiB);
      chunks.push(chunk);
    }
    assert.deepEqual(Buffer.concat(chunks), content);
    assert.equal(told, content.length);
    assert.equal(counts.open, 0);
  });

  it('a reader that leaves early: the file is closed', async () => {
    const path = join(makeFolder(), 'file');
    writeFileSync(path, Buffer.alloc(3 * MiB));
    const { counts, storage } = openCounted();
    for await (const _ of fileChunks(storage, path, () => {})) break;
    assert.equal(counts.open, 0);
  });

  it('fileBytes: of files alone', () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'file'), 'four');
    assert.equal(fileBytes(nodeStorage, join(folder, 'file')), 4);
    assert.equal(fileBytes(nodeStorage, folder), undefined);
    assert.equal(fileBytes(nodeStorage, join(folder, 'none')), undefined);
  });
});
