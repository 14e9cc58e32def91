/** Shows that a recorder's id is created once and kept. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeCheckpoint } from '../../../src/disk/segment/checkpoint.ts';
import {
  isIdentityMissing,
  openIdentity,
  writeIdentity,
} from '../../../src/disk/segment/recorder-id.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('openIdentity', () => {
  it('an output directory that is not there: gets an id, and keeps it', () => {
    const outputDir = join(newFolder(), 'output');
    const id = openIdentity(nodeStorage, outputDir);
    assert.match(id, uuidPattern);
    assert.equal(readFileSync(join(outputDir, '.archer', 'id'), 'utf8'), `${id}\n`);
    assert.equal(openIdentity(nodeStorage, outputDir), id);
  });

  it('two directories: have two ids', () => {
    const ids = [newFolder(), newFolder()].map((folder) => openIdentity(nodeStorage, folder));
    assert.notEqual(ids[0], ids[1]);
  });

  const damages = ['', '\n', 'no id\n', '\0'.repeat(37), `${'0'.repeat(36)}\n`];
  for (const damage of [...damages, '0F8FAD5B-D9CB-469F-A165-70867728950E\n']) {
    it(`damaged, ${JSON.stringify(damage)}: is replaced`, () => {
      const outputDir = newFolder();
      mkdirSync(join(outputDir, '.archer'));
      writeFileSync(join(outputDir, '.archer', 'id'), damage);
      const id = openIdentity(nodeStorage, outputDir);
      assert.match(id, uuidPattern);
      assert.equal(openIdentity(nodeStorage, outputDir), id);
    });
  }

  it('cut or lengthened by a byte: is replaced', () => {
    const outputDir = newFolder();
    const path = join(outputDir, '.archer', 'id');
    const id = openIdentity(nodeStorage, outputDir);
    for (const text of [id, id.slice(1), `${id}\n\n`, ` ${id}\n`]) {
      writeFileSync(path, text);
      assert.notEqual(openIdentity(nodeStorage, outputDir), id);
    }
  });

  it('lost, with a sound checkpoint: comes from there', () => {
    const outputDir = newFolder();
    const recorder = '0f8fad5b-d9cb-469f-a165-70867728950e';
    mkdirSync(join(outputDir, '.archer'));
    writeCheckpoint(nodeStorage, outputDir, {
      recorder,
      nextSegmentNumber: 1,
      oldestOpenNumber: 1,
      lanes: [],
    });
    assert.equal(openIdentity(nodeStorage, outputDir), recorder);
    assert.equal(readFileSync(join(outputDir, '.archer', 'id'), 'utf8'), `${recorder}\n`);
  });

  it('a disk fault while it is made: throws, and the next start makes one', () => {
    const outputDir = newFolder();
    const storage = new FaultStorage();
    storage.failOnce('syncData', 'EIO');
    assert.throws(() => openIdentity(storage, outputDir), { code: 'EIO' });
    assert.match(openIdentity(storage, outputDir), uuidPattern);
  });
});

describe('writeIdentity', () => {
  it('an id that somebody took away: is the same again', () => {
    const outputDir = newFolder();
    const id = openIdentity(nodeStorage, outputDir);
    assert.equal(isIdentityMissing(nodeStorage, outputDir), false);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    assert.equal(isIdentityMissing(nodeStorage, outputDir), true);
    writeIdentity(nodeStorage, outputDir, id);
    assert.equal(openIdentity(nodeStorage, outputDir), id);
  });
});
