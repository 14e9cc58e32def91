/**
 * Shows what is reported for a log file that is sound, torn, damaged, or reused while it is read.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLog } from '../../../src/disk/check/log-check.ts';
import type { Storage } from '../../../src/disk/storage.ts';
import { walHeaderBytes, walHeaderToBytes } from '../../../src/disk/wal/wal-format.ts';
import { appendGroup, bodyOf, openLog, owner, stampedFrame } from '../example-log.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const path = '/file';
const bodyBytes = 16;
const frameBytes = 56;

function frame(position: number, epoch = 4): Uint8Array {
  return stampedFrame(bodyOf(position, bodyBytes), { position, epoch });
}

/** A header of epoch 4, three frames of epoch 4, one frame of an earlier use, and zeros. */
function logFile(fileBytes = 1024): Uint8Array {
  const bytes = new Uint8Array(1024);
  const header = { ...owner, epoch: 4, firstPosition: 11, previousPosition: 10, fileBytes };
  bytes.set(walHeaderToBytes(header));
  for (const index of [0, 1, 2]) bytes.set(frame(11 + index), walHeaderBytes + index * frameBytes);
  bytes.set(frame(3, 2), walHeaderBytes + 3 * frameBytes);
  return bytes;
}

/** The same file after reuse: a header of epoch 5 and one frame replace the first of epoch 4. */
function reusedFile(): Uint8Array {
  const bytes = logFile();
  const fields = { epoch: 5, firstPosition: 20, previousPosition: 13, fileBytes: 1024 };
  bytes.set(walHeaderToBytes({ ...owner, ...fields }));
  bytes.set(frame(20, 5), walHeaderBytes);
  return bytes;
}

function check(bytes: Uint8Array) {
  const storage = new VolatileStorage();
  storage.put(path, bytes);
  return checkLog(storage, storage.open(path, 'read'));
}

const code = 'ERR_ARCHER_LOG_DAMAGED';

describe('checkLog', () => {
  it('a sound file: its frames, and what earlier uses left is no fault', () => {
    const report = { state: 'in use', bytes: 1024, counts: { frames: 3 }, faults: [] };
    assert.deepEqual(check(logFile()), report);
  });

  it('what a log writer leaves: is sound in every file', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, '/wal/lane-3');
    for (let position = 1; position <= 40; position += 2) {
      appendGroup(log, position, [500, 700]);
      log.release(position);
    }
    log.close();
    const reports = storage.list('/wal/lane-3').map(({ name }) => {
      return checkLog(storage, storage.open(`/wal/lane-3/${name}`, 'read'));
    });
    assert.equal(reports.length, 8);
    assert.deepEqual(
      reports.flatMap(({ faults }) => faults),
      [],
    );
    assert.ok(reports.some(({ counts }) => (counts.frames ?? 0) > 0));
  });

  it('a file that was never used: unused', () => {
    const { state, counts, faults } = check(new Uint8Array(4096));
    assert.deepEqual([state, counts, faults], ['unused', { frames: 0 }, []]);
  });

  it('a changed byte in a frame: is told with its place, and the other frames count', () => {
    const bytes = logFile();
    bytes[walHeaderBytes + frameBytes + 50]! ^= 1;
    const { state, counts, faults } = check(bytes);
    assert.deepEqual([state, counts], ['in use', { frames: 2 }]);
    assert.deepEqual(faults, [
      { code, offset: 120, what: '56 bytes between two frames are no frame' },
    ]);
  });

  it('a torn last frame: the file is torn', () => {
    const bytes = logFile();
    bytes.fill(0, walHeaderBytes + 2 * frameBytes + 45, walHeaderBytes + 3 * frameBytes);
    const { state, counts, faults } = check(bytes);
    assert.deepEqual([state, counts], ['torn', { frames: 2 }]);
    assert.equal(faults[0]?.what, '56 bytes behind the last whole frame are no frame');
  });

  it('a damaged header: is told, and the frames behind it are still checked', () => {
    const bytes = logFile();
    bytes[30]! ^= 1;
    const { counts, faults } = check(bytes);
    assert.deepEqual(counts, { frames: 3 });
    assert.deepEqual(faults, [{ code, offset: 0, what: 'the file header is damaged' }]);
  });

  it('bytes that are no log at all: a damaged header', () => {
    const { state, faults } = check(new Uint8Array(100).fill(7));
    assert.deepEqual([state, faults[0]?.what], ['torn', 'the file header is damaged']);
  });

  it('a file that was longer: is told', () => {
    const { faults } = check(logFile(4096));
    const what = 'the file is cut short: 3072 bytes are missing';
    assert.deepEqual(faults, [{ code, offset: 1024, what }]);
  });

  it('a file that is begun anew while it is read: is read again', () => {
    const volatile = new VolatileStorage();
    let reads = 0;
    /** The new use begins after the first read of the header. */
    const storage: Storage = {
      ...volatile,
      read: (...args) => {
        reads += 1;
        const count = volatile.read(...args);
        if (reads === 1) volatile.bytesOf(path).set(reusedFile());
        return count;
      },
    };
    volatile.put(path, logFile());
    const { counts, faults } = checkLog(storage, storage.open(path, 'read'));
    assert.deepEqual([counts, faults], [{ frames: 1 }, []]);
  });
});
