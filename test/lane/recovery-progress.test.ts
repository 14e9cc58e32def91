/** The progress of a recovery: the bytes of the files that it must read, and those it has read. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { walFolder } from '../../src/disk/layout.ts';
import type { RecoveryBytes } from '../../src/lane/lane-messages.ts';
import { measureRecovery } from '../../src/lane/recovery-progress.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';

const newFolder = temporaryFolders();

function open() {
  const outputDir = newFolder();
  const log = join(walFolder(outputDir, 0), '000001.log');
  const name = 'traces/date=2026-11-21/traces-20261121T085305.123Z-000001.arrow';
  const segment = join(outputDir, name);
  for (const [path, bytes] of [
    [log, 1_000],
    [segment, 500],
  ] as const) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, new Uint8Array(bytes));
  }
  const clock = new ManualClock(0);
  const reports: RecoveryBytes[] = [];
  const onProgress = (bytes: RecoveryBytes) => reports.push(bytes);
  const storage = measureRecovery({
    storage: unsyncedStorage,
    outputDir,
    lane: 0,
    clock,
    onProgress,
  });
  const read = (path: string, from: number, bytes: number) => {
    clock.advance(200);
    const file = storage.open(path, 'read');
    storage.read(file, new Uint8Array(bytes), from);
    storage.close(file);
  };
  return { log, segment, outputDir, clock, reports, storage, read };
}

describe('measureRecovery', () => {
  it('reads: each byte counts once, of the log and of the segments', () => {
    const { log, segment, reports, read } = open();
    read(log, 0, 100);
    read(log, 0, 600);
    read(segment, 0, 9_999);
    assert.deepEqual(reports, [
      { doneBytes: 100, totalBytes: 1_500 },
      { doneBytes: 600, totalBytes: 1_500 },
      { doneBytes: 1_100, totalBytes: 1_500 },
    ]);
  });

  it('reads of other files, and reads that bring nothing new: report nothing', () => {
    const { log, outputDir, reports, read } = open();
    read(log, 0, 1_000);
    writeFileSync(join(outputDir, 'other'), 'x');
    read(join(outputDir, 'other'), 0, 1);
    read(log, 0, 1_000);
    assert.equal(reports.length, 1);
  });

  it('many reads: at most one report every 200 ms', () => {
    const { log, reports, storage, clock } = open();
    const file = storage.open(log, 'read');
    for (let at = 0; at < 1_000; at += 10) {
      storage.read(file, new Uint8Array(10), at);
      clock.advance(10);
    }
    storage.close(file);
    assert.equal(reports.length, 5);
  });

  it('an empty directory: nothing is to be read', () => {
    const outputDir = newFolder();
    const options = { storage: unsyncedStorage, outputDir, lane: 0, clock: new ManualClock(0) };
    const storage = measureRecovery({ ...options, onProgress: () => assert.fail('a report') });
    assert.deepEqual(storage.list(outputDir), []);
  });
});
