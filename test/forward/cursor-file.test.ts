/** Where a destination starts and continues. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { nodeStorage } from '../../src/disk/storage.ts';
import { CursorFile } from '../../src/forward/cursor-file.ts';
import { signals } from '../../src/shared/signal.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const now = { lane: 0, signals, through: 99, nextPosition: 100 } as const;
const beginning = { ...now, through: 0 } as const;

function newFile(storage = new FaultStorage(nodeStorage)) {
  const path = join(newFolder(), 'forwarding', 'up.cursor');
  return { file: new CursorFile(storage, path), storage, path };
}

describe('CursorFile', () => {
  it('a new name: starts at the given position', () => {
    const { file } = newFile();
    assert.equal(file.open(now).cursor.nextPosition(signals), 100);
    const { cursor, isDamaged } = file.open(beginning);
    assert.deepEqual([cursor.nextPosition(signals), isDamaged], [1, false]);
  });

  it('saved: continues there; a deleted folder is created again', () => {
    const { file, path } = newFile();
    const { cursor } = file.open(now);
    cursor.begin('traces', 100);
    for (const signal of signals) cursor.skip(signal, 120);
    file.save(cursor.toText());
    assert.ok(file.exists());
    rmSync(dirname(path), { recursive: true });
    assert.ok(!file.exists());
    file.save(cursor.toText());
    const again = file.open({ ...beginning, nextPosition: 500 });
    assert.equal(again.cursor.nextPosition(['logs']), 121);
    assert.equal(again.cursor.nextPosition(['traces']), 100);
  });

  it('a signal that is added: starts at the given position', () => {
    const { file } = newFile();
    const { cursor } = file.open({ ...now, signals: ['traces'] });
    file.save(cursor.toText());
    const again = file.open({ ...now, through: 299, nextPosition: 300 });
    assert.equal(again.cursor.nextPosition(['traces']), 100);
    assert.equal(again.cursor.nextPosition(['logs']), 300);
  });

  it('damaged: starts at the beginning and reports it', () => {
    const { file, path } = newFile();
    file.save(file.open(now).cursor.toText());
    writeFileSync(path, '{"version":1');
    const { cursor, isDamaged } = file.open(now);
    assert.deepEqual([cursor.nextPosition(signals), isDamaged], [1, true]);
  });

  it('a log that ends before the cursor, after a loss of power: new requests are not skipped', () => {
    const { file } = newFile();
    const { cursor } = file.open(now);
    for (const signal of signals) cursor.skip(signal, 180);
    file.save(cursor.toText());
    assert.equal(file.open({ ...now, nextPosition: 150 }).cursor.nextPosition(signals), 150);
  });

  it('a file that cannot be read: throws, because the position is unknown', () => {
    const { file, storage } = newFile();
    file.save(file.open(now).cursor.toText());
    storage.failOnce('open', 'EIO');
    assert.throws(() => file.open(now), /EIO/);
    assert.equal(file.open(now).cursor.nextPosition(signals), 100);
  });
});
