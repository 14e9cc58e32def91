/** Shows what can be read from a log after every kind of damage to its files. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Storage } from '../../../src/disk/storage.ts';
import { walFileCount } from '../../../src/disk/wal/wal-files.ts';
import { walHeaderBytes } from '../../../src/disk/wal/wal-format.ts';
import { readWal } from '../../../src/disk/wal/wal-reader.ts';
import { frameBytes, frameHeaderBytes } from '../../../src/shared/frame.ts';
import {
  appendGroup,
  bodyOf,
  brief,
  endOf,
  filePath,
  openLog,
  otherRecorderId,
  owner,
  range,
  readLog,
  stampedFrame,
} from '../example-log.ts';
import { FaultStorage } from '../fault-storage.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const folder = '/out/.archer/wal/lane-3';

/** Three such frames and the header nearly fill a file of one page. */
const bodyBytes = 1300;
const wholeBytes = frameBytes(bodyBytes);
const framesPerFile = 3;
const fileBytes = 4096;

/**
 * Writes positions from 1, each as its own group, three per file. The files are filled in order.
 */
function filledLog(frameCount: number): VolatileStorage {
  const storage = new VolatileStorage();
  append(storage, range(1, frameCount), (walFileCount - 1) * framesPerFile);
  return storage;
}

/** Before each append, releases all but the last `keptCount` positions. */
function append(storage: Storage, positions: readonly number[], keptCount: number): void {
  const neededFrom = (position: number) => Math.max(1, position - keptCount);
  const log = openLog(storage, folder, { neededFrom: neededFrom(positions[0]!) });
  for (const position of positions) {
    log.release(neededFrom(position));
    assert.notEqual(appendGroup(log, position, [bodyBytes]), 'full');
  }
  log.close();
}

/** Returns the offset in its file of the frame with this index. */
function frameOffset(indexInFile: number): number {
  return walHeaderBytes + indexInFile * wholeBytes;
}

function read(storage: Storage, neededFrom?: number): (number | string)[] {
  return brief(readLog(storage, folder, neededFrom));
}

describe('readWal: sound files', () => {
  it('a folder that is not there: is an empty log', () => {
    const items = readLog(new VolatileStorage(), folder);
    const sums = { frames: 0, bodyBytes: 0, damagedBytes: 0, tornBytes: 0, lostPositions: 0 };
    const end = { kind: 'end', files: [], foreign: [], lastPosition: 0, nextPosition: 1, sums };
    assert.deepEqual(items, [end]);
  });

  it('several files: every frame comes, in order, as it was', () => {
    const items = readLog(filledLog(8), folder);
    assert.deepEqual(brief(items), range(1, 8));
    for (const item of items) {
      if (item.kind !== 'frame') continue;
      const { position, receivedTimeNs, signal, body } = item;
      assert.deepEqual(body, bodyOf(position, bodyBytes));
      assert.deepEqual([receivedTimeNs, signal], [1_000_000n + BigInt(position), 'traces']);
    }
    const { lastPosition, nextPosition, sums } = endOf(items);
    assert.deepEqual([lastPosition, nextPosition], [8, 9]);
    assert.deepEqual([sums.frames, sums.bodyBytes], [8, 8 * bodyBytes]);
  });

  it('files that were used before: their older frames never come again', () => {
    for (const frameCount of range(walFileCount * framesPerFile, 60)) {
      const fullFiles = Math.floor((frameCount - 1) / framesPerFile);
      const first = (fullFiles - walFileCount + 1) * framesPerFile + 1;
      assert.deepEqual(read(filledLog(frameCount)), range(first, frameCount));
    }
  });

  it('frames below what is needed: are neither given nor missed', () => {
    const storage = filledLog(40);
    assert.deepEqual(read(storage, 30), range(30, 40));
    assert.deepEqual(read(storage, 41), []);
    assert.equal(endOf(readLog(storage, folder, 41)).lastPosition, 40);
    assert.equal(endOf(readLog(storage, folder, 90)).nextPosition, 41);
  });

  it('files without a needed frame: have only their headers looked at', () => {
    const storage = new FaultStorage(filledLog(24));
    assert.deepEqual(read(storage, 22), [22, 23, 24]);
    const opened = storage.calls.filter((call) => call === 'open 0002.log');
    assert.equal(opened.length, 1);
  });

  it('a position that is needed and older than the log: is lost', () => {
    const storage = filledLog(40);
    const first = read(storage)[0];
    assert.equal(first, 19);
    assert.deepEqual(read(storage, 15), ['15-18 lost', ...range(19, 40)]);
  });

  it('a reader that stops early: leaves no file open', () => {
    const storage = new FaultStorage(filledLog(8));
    for (const item of readWal({ ...owner, storage, folder })) {
      if (item.kind === 'frame' && item.position === 4) break;
    }
    assert.equal(storage.openCount, 0);
  });
});

/** Returns what is read of nine frames in three files if one in the second file is damaged. */
function withBroken(position: number): (number | string)[] {
  const lost = `${position}-${position} lost`;
  // No data of the same use follows the last frame of a file. Only the next file shows that the
  // frame existed.
  const fault = position === 6 ? 'the last frame is torn' : 'a frame is damaged';
  return [...range(1, position - 1), fault, lost, ...range(position + 1, 9)];
}

describe('readWal: damage', () => {
  it('any one byte of a file: costs at most the request it lies in', () => {
    const storage = filledLog(9);
    const bytes = storage.bytesOf(filePath(folder, 2));
    for (const offset of range(0, fileBytes - 1)) {
      const indexInFile = Math.floor((offset - walHeaderBytes) / wholeBytes);
      const inFrame = offset - frameOffset(indexInFile);
      const isHarmless = indexInFile >= framesPerFile || inFrame >= frameHeaderBytes + bodyBytes;
      bytes[offset]! ^= 0x10;
      const found = read(storage);
      bytes[offset]! ^= 0x10;
      if (offset < walHeaderBytes) {
        assert.deepEqual(found, [1, 2, 3, 'the file header is damaged', ...range(4, 9)]);
      } else if (isHarmless) {
        assert.deepEqual(found, range(1, 9), `offset ${offset}`);
      } else if (indexInFile === framesPerFile - 1 && inFrame < 4) {
        // Without its magic, a last frame looks like data from an earlier use of the file.
        assert.deepEqual(found, [...range(1, 5), '6-6 lost', 7, 8, 9]);
      } else {
        assert.deepEqual(found, withBroken(4 + indexInFile), `offset ${offset}`);
      }
    }
  });

  it('the body length in a header: is not believed when the header is damaged', () => {
    const storage = filledLog(9);
    new DataView(storage.bytesOf(filePath(folder, 2)).buffer).setUint32(
      frameOffset(1) + 4,
      8,
      true,
    );
    assert.deepEqual(read(storage), withBroken(5));
  });

  it('the body length in a sound header: is not followed beyond the end of the file', () => {
    const storage = filledLog(4);
    const bytes = storage.bytesOf(filePath(folder, 2));
    for (const claimedBytes of [fileBytes, 2 ** 31, 2 ** 32 - 1]) {
      const forged = stampedFrame(new Uint8Array(0), { position: 5, epoch: 2, claimedBytes });
      bytes.set(forged, frameOffset(1));
      const items = readLog(storage, folder);
      assert.deepEqual(brief(items), [...range(1, 4), 'the last frame is torn']);
      assert.equal(endOf(items).nextPosition, 6);
    }
  });

  it('a page of zeros: costs the requests that lie in it', () => {
    const { storage, path, touches } = wideLog();
    const bytes = storage.bytesOf(path);
    const sound = bytes.slice();
    for (let page = 0; page < 16; page++) {
      bytes.fill(0, page * fileBytes, (page + 1) * fileBytes);
      const whole = range(1, 12).filter((position) => !touches(position, page));
      const found = read(storage, 1).filter((word) => typeof word === 'number');
      assert.deepEqual(found, whole, `page ${page}`);
      bytes.set(sound);
    }
  });

  it('a page that the disk cannot read: costs its requests, and is told', () => {
    for (const page of [0, 1, 7]) {
      const { storage, path, touches } = wideLog();
      storage.makeUnreadable(path, page * fileBytes + 700, page * fileBytes + 701);
      const items = readLog(storage, folder, 1);
      const whole = range(1, 12).filter((position) => !touches(position, page));
      const found = brief(items).filter((word) => typeof word === 'number');
      assert.deepEqual(found, whole, `page ${page}`);
      const fault = items.find(
        (item) => 'fault' in item && item.fault === 'the disk cannot read it',
      );
      const offset = Math.max(page * fileBytes, walHeaderBytes);
      const where = { kind: 'fault', path, offset, bytes: (page + 1) * fileBytes - offset };
      assert.deepEqual(fault, { ...where, fault: 'the disk cannot read it' });
    }
  });

  it('a file that is all zeros: is lost, and the next one says what was in it', () => {
    const storage = filledLog(9);
    storage.bytesOf(filePath(folder, 2)).fill(0);
    assert.deepEqual(read(storage), [1, 2, 3, '4-6 lost', 7, 8, 9]);
  });

  it('a file that is missing: is lost, and the next one says what was in it', () => {
    const storage = filledLog(9);
    storage.remove(filePath(folder, 2));
    assert.deepEqual(read(storage), [1, 2, 3, '4-6 lost', 7, 8, 9]);
  });

  it('the first files missing: only who needs them misses them', () => {
    const storage = filledLog(9);
    storage.remove(filePath(folder, 1));
    assert.deepEqual(read(storage), range(4, 9));
    assert.deepEqual(read(storage, 2), ['2-3 lost', ...range(4, 9)]);
  });

  it('a file that is cut at any byte: keeps the frames before the cut', () => {
    const storage = filledLog(9);
    const path = filePath(folder, 2);
    const sound = storage.bytesOf(path);
    for (const length of range(0, fileBytes - 1)) {
      storage.put(path, sound.subarray(0, length));
      const kept = Math.floor((length - walHeaderBytes) / wholeBytes);
      const last = 3 + Math.max(0, Math.min(kept, framesPerFile));
      const found = read(storage).filter((word) => typeof word === 'number');
      // Losing only padding loses no frame.
      const isBodyWhole = length >= frameOffset(last - 3) + frameHeaderBytes + bodyBytes;
      const lastRead = last < 6 && isBodyWhole ? last + 1 : last;
      assert.deepEqual(found, [...range(1, lastRead), 7, 8, 9], `cut to ${length} bytes`);
    }
    assert.ok(read(storage).includes('the file is cut short'));
  });

  it('all headers damaged: the frames tell in which order the files were written', () => {
    const storage = filledLog(30);
    for (const number of range(1, walFileCount)) {
      storage.bytesOf(filePath(folder, number)).fill(0xa5, 0, walHeaderBytes);
    }
    const faults = new Array<string>(walFileCount).fill('the file header is damaged');
    const found = read(storage);
    assert.deepEqual(
      found.filter((word) => typeof word === 'string'),
      faults,
    );
    assert.deepEqual(
      found.filter((word) => typeof word === 'number'),
      range(7, 30),
    );
  });
});

/** Twelve frames of 5,000 bytes in one file of 16 pages. */
function wideLog() {
  const storage = new VolatileStorage();
  const log = openLog(storage, folder, { walBytesMax: walFileCount * 16 * fileBytes });
  appendGroup(log, 1, new Array<number>(12).fill(5000));
  const touches = (position: number, page: number) => {
    const start = walHeaderBytes + (position - 1) * frameBytes(5000);
    return start < (page + 1) * fileBytes && start + frameBytes(5000) > page * fileBytes;
  };
  return { storage, path: filePath(folder, 1), touches };
}

describe('readWal: files in the wrong place', () => {
  it('files that were exchanged: say themselves in which order they belong', () => {
    const storage = filledLog(30);
    const [first, second] = [filePath(folder, 2), filePath(folder, 5)];
    const bytes = storage.bytesOf(first).slice();
    storage.put(first, storage.bytesOf(second));
    storage.put(second, bytes);
    assert.deepEqual(read(storage), range(7, 30));
  });

  it('a file that was copied: gives its frames once', () => {
    for (const number of [1, 2, 3]) {
      const storage = filledLog(9);
      storage.put(filePath(folder, 100), storage.bytesOf(filePath(folder, number)));
      assert.deepEqual(read(storage), range(1, 9));
    }
  });

  it('a copy that is damaged: takes nothing from the file it was made of', () => {
    const storage = filledLog(9);
    storage.put(filePath(folder, 100), storage.bytesOf(filePath(folder, 2)).subarray(0, 900));
    const found = read(storage).filter((word) => typeof word === 'number');
    assert.deepEqual(found, range(1, 9));
  });

  it('an old copy of a file: gives nothing twice', () => {
    const storage = filledLog(8);
    storage.put(filePath(folder, 100), storage.bytesOf(filePath(folder, 3)));
    append(storage, range(9, 20), 12);
    assert.deepEqual(read(storage), range(1, 20));
    append(storage, range(21, 40), 12);
    assert.deepEqual(read(storage, 28), range(28, 40));
    assert.equal(storage.list(folder).length, walFileCount);
  });

  it("another recorder's or another lane's file: is told and not read", () => {
    const strangers = [
      { recorderId: otherRecorderId, why: 'another recorder' },
      { lane: 4, why: 'another lane' },
    ] as const;
    for (const { why, ...change } of strangers) {
      const storage = filledLog(6);
      const elsewhere = '/elsewhere';
      const log = openLog(storage, elsewhere, change);
      const epoch = Number(log.begin(1344));
      const lane = 'lane' in change ? change.lane : owner.lane;
      const frame = stampedFrame(bodyOf(99, bodyBytes), { position: 99, epoch, lane });
      log.append([frame], 99, 99);
      storage.put(filePath(folder, 77), storage.bytesOf(filePath(elsewhere, 1)));
      const items = readLog(storage, folder);
      assert.deepEqual(brief(items), range(1, 6));
      assert.deepEqual(endOf(items).foreign, [{ path: filePath(folder, 77), why }]);
    }
  });

  it('frames of another lane in a file of ours: are not given', () => {
    const storage = filledLog(5);
    const bytes = storage.bytesOf(filePath(folder, 2));
    bytes.set(
      stampedFrame(bodyOf(5, bodyBytes), { position: 5, epoch: 2, lane: 8 }),
      frameOffset(1),
    );
    assert.deepEqual(read(storage), range(1, 4));
  });

  it('what has no name of a log file: is passed over', () => {
    const storage = filledLog(6);
    const bytes = storage.bytesOf(filePath(folder, 2));
    for (const name of ['0002.log.bak', '2.log', '00002.log', 'core']) {
      storage.put(`${folder}/${name}`, bytes);
    }
    assert.deepEqual(read(storage), range(1, 6));
    assert.equal(endOf(readLog(storage, folder)).files.length, walFileCount);
  });
});

describe('readWal: bytes that look like frames', () => {
  /** A body that contains a whole frame, as a client may send it. */
  function withForged(fields: { readonly position: number; readonly epoch: number }): Uint8Array {
    const body = new Uint8Array(bodyBytes);
    body.set(stampedFrame(Uint8Array.of(1, 2, 3), fields), 400);
    return body;
  }

  function logWithForged(fields: { readonly position: number; readonly epoch: number }) {
    const storage = filledLog(4);
    const body = withForged(fields);
    const frame = stampedFrame(body, { position: 5, epoch: 2 });
    storage.bytesOf(filePath(folder, 2)).set(frame, frameOffset(1));
    const next = stampedFrame(bodyOf(6, bodyBytes), { position: 6, epoch: 2 });
    storage.bytesOf(filePath(folder, 2)).set(next, frameOffset(2));
    return { storage, body };
  }

  it('in a sound body: are the body', () => {
    const { storage, body } = logWithForged({ position: 5, epoch: 2 });
    const frames = readLog(storage, folder).filter((item) => item.kind === 'frame');
    assert.deepEqual(
      frames.map(({ position }) => position),
      range(1, 6),
    );
    assert.deepEqual(frames[4]?.body, body);
  });

  it('behind a damaged header, with a position out of order: are passed over', () => {
    for (const position of [1, 4, 100, 2 ** 40]) {
      const { storage } = logWithForged({ position, epoch: 2 });
      storage.bytesOf(filePath(folder, 2))[frameOffset(1)]! ^= 1;
      assert.deepEqual(read(storage), [...range(1, 4), 'a frame is damaged', '5-5 lost', 6]);
    }
  });

  it('behind a damaged header, with another epoch: are passed over', () => {
    const { storage } = logWithForged({ position: 5, epoch: 3 });
    storage.bytesOf(filePath(folder, 2))[frameOffset(1)]! ^= 1;
    const items = readLog(storage, folder);
    assert.deepEqual(brief(items), [...range(1, 4), 'a frame is damaged', '5-5 lost', 6]);
    assert.equal(endOf(items).files.at(-1)?.epoch, 2);
  });

  it('in a file whose header is damaged: do not use up the epochs', () => {
    const { storage } = logWithForged({ position: 5, epoch: 2 ** 32 - 1 });
    storage.bytesOf(filePath(folder, 2)).fill(0, 0, frameOffset(1) + 1);
    const items = readLog(storage, folder);
    assert.deepEqual(
      brief(items).filter((word) => typeof word === 'number'),
      [1, 2, 3, 6],
    );
    assert.equal(endOf(items).files.at(-1)?.epoch, 2);
  });
});

describe('readWal: groups that failed', () => {
  /** The frames are small, so that a write can be torn at each of their bytes. */
  const tornBodyBytes = 20;
  const tornWholeBytes = frameBytes(tornBodyBytes);

  it('a group torn at any byte, and nothing after it: its whole frames come once', () => {
    for (const bytesBefore of range(0, 2 * tornWholeBytes)) {
      const storage = new FaultStorage(filledLog(4));
      const log = openLog(storage, folder);
      storage.failOnce('write', 'ENOSPC', { callsBefore: 1, bytesBefore });
      assert.throws(() => appendGroup(log, 5, [tornBodyBytes, tornBodyBytes]), { code: 'ENOSPC' });
      const found = read(storage).filter((word) => typeof word === 'number');
      const isWhole = (index: number) =>
        bytesBefore >= index * tornWholeBytes + frameHeaderBytes + tornBodyBytes;
      const whole = [0, 1].filter(isWhole).map((index) => 5 + index);
      assert.deepEqual(found, [...range(1, 4), ...whole], `torn behind ${bytesBefore} bytes`);
    }
  });

  it('a group torn at any byte, and then a further one: stays away', () => {
    for (const bytesBefore of range(0, 2 * tornWholeBytes)) {
      const storage = new FaultStorage(filledLog(4));
      const log = openLog(storage, folder);
      appendGroup(log, 5, [tornBodyBytes]);
      storage.failOnce('write', 'EIO', { bytesBefore });
      assert.throws(() => appendGroup(log, 6, [tornBodyBytes, tornBodyBytes]), { code: 'EIO' });
      appendGroup(log, 8, [tornBodyBytes]);
      const found = read(storage).filter((word) => word !== 'the last frame is torn');
      assert.deepEqual(found, [...range(1, 5), 8], `torn behind ${bytesBefore} bytes`);
    }
  });

  it('the header torn at any byte: nothing else is lost by it', () => {
    for (const bytesBefore of range(0, walHeaderBytes)) {
      const storage = new FaultStorage(filledLog(26));
      const log = openLog(storage, folder, { neededFrom: 10 });
      storage.failOnce('write', 'ENOSPC', { bytesBefore });
      assert.throws(() => appendGroup(log, 27, [tornBodyBytes]), { code: 'ENOSPC' });
      const found = read(storage, 10).filter((word) => word !== 'the file header is damaged');
      assert.deepEqual(found, range(10, 26), `torn behind ${bytesBefore} bytes`);
      assert.notEqual(appendGroup(log, 28, [tornBodyBytes]), 'full');
      assert.ok(read(storage, 10).includes(28));
    }
  });
});
