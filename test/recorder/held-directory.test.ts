/** The output directory is held, waited for, or refused with a reason. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ProcessTable } from '../../src/disk/lock/process-identity.ts';
import { HeldDirectory } from '../../src/recorder/held-directory.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { fakeProcesses } from '../disk/lock/fake-processes.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const ports = { grpc: 1, http: 2, dashboard: null };
const one = fakeProcesses(1, new Set([1, 2]));
const two = fakeProcesses(2, new Set([1, 2]));

function directoryOf(outputDir: string, processes: ProcessTable = one) {
  const storage = new FaultStorage();
  const said: string[] = [];
  const journal = { write: (_level: string, message: string) => said.push(message) };
  const where = { storage, outputDir, processes, clock: systemClock };
  const lockText = () => readFileSync(join(outputDir, '.archer/lock'), 'utf8');
  return { storage, said, lockText, directory: new HeldDirectory({ ...where, journal }) };
}

describe('held directory', () => {
  it('take: makes it, locks it and gives the same id each time', async () => {
    const outputDir = join(newFolder(), 'output');
    const { directory, lockText } = directoryOf(outputDir);
    const first = await directory.take();
    assert.ok('recorderId' in first);
    assert.deepEqual(await directory.take(), first);
    directory.setPorts(ports);
    assert.match(lockText(), /"http":2/);
    directory.release();
    assert.equal(existsSync(join(outputDir, '.archer/lock')), false);
  });

  for (const code of ['ENOSPC', 'EDQUOT', 'EIO']) {
    for (const operation of ['makeFolder', 'write', 'rename'] as const) {
      for (const callsBefore of [0, 1]) {
        it(`take: ${code} at ${operation} ${callsBefore + 1}: waits, and is held by the next`, async () => {
          const { storage, directory, lockText } = directoryOf(join(newFolder(), 'output'));
          storage.failOnce(operation, code, { callsBefore });
          const attempt = await directory.take();
          assert.match('waitsFor' in attempt ? attempt.waitsFor : '', new RegExp(code));
          directory.setPorts(ports);
          assert.ok('recorderId' in (await directory.take()));
          assert.match(lockText(), /"grpc":1/);
        });
      }
    }
  }

  it('take: what does not pass is refused, naming the remedy', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const { directory } = directoryOf(join(file, 'output'));
    await assert.rejects(directory.take(), /cannot be written: ENOTDIR.*, or choose another/);
    const denied = directoryOf(newFolder());
    denied.storage.failOnce('makeFolder', 'EACCES');
    await assert.rejects(denied.directory.take(), /EACCES/);
  });

  it('take: another holds it', async () => {
    const outputDir = newFolder();
    await directoryOf(outputDir, one).directory.take();
    await assert.rejects(directoryOf(outputDir, two).directory.take(), {
      code: 'ERR_ARCHER_DIRECTORY_HELD',
    });
  });

  it('setPorts: a full disk is said and changes nothing', async () => {
    const { storage, said, directory } = directoryOf(newFolder());
    await directory.take();
    storage.failOnce('write', 'ENOSPC');
    directory.setPorts(ports);
    assert.match(said[0] ?? '', /does not name the ports: ENOSPC/);
  });

  it('restoreLock: writes it again; a disk that fails is said', async () => {
    const outputDir = newFolder();
    const { storage, said, directory, lockText } = directoryOf(outputDir);
    await directory.take();
    directory.setPorts(ports);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    storage.failOnce('write', 'EIO');
    directory.restoreLock();
    assert.match(said[0] ?? '', /cannot be written again: EIO/);
    directory.restoreLock();
    assert.match(lockText(), /"http":2/);
  });

  it('a lock that another recorder has replaced: the directory is lost', async () => {
    const outputDir = newFolder();
    const { directory } = directoryOf(outputDir, one);
    await directory.take();
    rmSync(join(outputDir, '.archer'), { recursive: true });
    await directoryOf(outputDir, two).directory.take();
    directory.restoreLock();
    const { code, message } = await directory.lost;
    assert.equal(code, 'ERR_ARCHER_DIRECTORY_LOST');
    assert.match(message, /lock was replaced, and .* is in use by process 2/);
  });
});
