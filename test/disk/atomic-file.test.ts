/** A large file exists complete under its name, or not at all. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AtomicFile } from '../../src/disk/atomic-file.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { FaultStorage } from './fault-storage.ts';

after(cleanUp);

describe('atomic file', () => {
  it('pieces of all sizes, written short: there once it is committed, synced before', () => {
    const storage = new FaultStorage();
    storage.bytesPerCallMax = 70_000;
    const path = join(makeFolder(), 'a');
    const file = new AtomicFile(storage, path, 7);
    const pieces = [1, 300_000, 0, 5, 200_000, 100_000].map((bytes, index) => {
      return new Uint8Array(bytes).fill(index);
    });
    for (const piece of pieces) file.append(piece);
    assert.equal(file.bytes, 600_006);
    assert.equal(existsSync(path), false);
    file.commit();
    assert.deepEqual(readFileSync(path), Buffer.concat(pieces));
    const calls = storage.calls.filter((call) => !call.startsWith('write'));
    assert.deepEqual(
      calls.map((call) => call.split(' ')[0]),
      ['open', 'syncData', 'close', 'rename', 'syncFolder'],
    );
    file.abandon();
    assert.deepEqual(readFileSync(path), Buffer.concat(pieces));
  });

  it('abandoned: nothing is left, and what was there stays', () => {
    const folder = makeFolder();
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    const storage = new FaultStorage();
    const file = new AtomicFile(storage, path, 7);
    file.append(new Uint8Array(500_000));
    file.abandon();
    file.abandon();
    assert.deepEqual(readdirSync(folder), ['a']);
    assert.equal(readFileSync(path, 'utf8'), 'old');
    assert.equal(storage.openCount, 0);
  });

  for (const operation of ['write', 'syncData', 'rename'] as const) {
    it(`a disk whose ${operation} fails: throws, and nothing is under the name`, () => {
      const folder = makeFolder();
      const storage = new FaultStorage();
      const file = new AtomicFile(storage, join(folder, 'a'), 7);
      storage.failOnce(operation, 'ENOSPC');
      file.append(new Uint8Array(10));
      assert.throws(() => file.commit(), /ENOSPC/);
      file.abandon();
      assert.deepEqual(readdirSync(folder), []);
      assert.equal(storage.openCount, 0);
    });
  }

  it('what a dead process left is replaced', () => {
    const folder = makeFolder();
    const path = join(folder, 'a');
    writeFileSync(`${path}.7.tmp`, 'left by a dead process, and longer');
    const file = new AtomicFile(new FaultStorage(), path, 7);
    file.append(Buffer.from('new'));
    file.commit();
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['a']);
  });
});
