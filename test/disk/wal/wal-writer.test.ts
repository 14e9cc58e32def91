/** Shows which frames the log keeps, in which files, and what it does when the disk fails. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { walFileCount } from '../../../src/disk/wal/wal-files.ts';
import { walEpochMax, walEpochStride, walHeaderBytes } from '../../../src/disk/wal/wal-format.ts';
import { frameBytes } from '../../../src/shared/frame.ts';
import {
  appendGroup,
  bodyOf,
  brief,
  endOf,
  filePath,
  openLog,
  owner,
  range,
  readLog,
  stampedFrame,
} from '../example-log.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const newFolder = temporaryFolders();
const folder = '/out/.archer/wal/lane-3';
const fileBytes = 4096;
const groupBytesMax = fileBytes - walHeaderBytes;

/** Size of a frame that fills a file alone. */
const fillingBodyBytes = groupBytesMax - frameBytes(0);

function newDisk(): FaultStorage {
  return new FaultStorage(new VolatileStorage());
}

function read(storage: FaultStorage, neededFrom?: number): (number | string)[] {
  return brief(readLog(storage, folder, neededFrom));
}

/** Returns the names of the files that were written since the last call. */
function takeWrites(storage: FaultStorage): string[] {
  const writes = storage.calls.filter((call) => call.startsWith('write '));
  storage.calls.length = 0;
  return writes.map((call) => call.slice('write '.length));
}

describe('WalWriter: groups', () => {
  it('a group: is one write, in a new file with its header', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    appendGroup(log, 1, [100]);
    takeWrites(storage);
    appendGroup(log, 2, [100, 200, 300]);
    appendGroup(log, 5, [3500]);
    assert.deepEqual(takeWrites(storage), ['0001.log', '0002.log']);
    assert.deepEqual(read(storage), [1, 2, 3, 4, 5]);
  });

  it('the first header of an opening: is durable before its frames are written', () => {
    const storage = newDisk();
    for (const first of [1, 10]) {
      const log = openLog(storage, folder, { neededFrom: first });
      storage.calls.length = 0;
      appendGroup(log, first, [20_000]);
      const own = ['open 0009.log', 'write 0009.log', 'syncData 0009.log', 'syncFolder lane-3'];
      assert.deepEqual(storage.calls, [...own, 'write 0009.log']);
      storage.calls.length = 0;
      appendGroup(log, first + 1, [100]);
      appendGroup(log, first + 2, [100]);
      const [write, sync] = storage.calls;
      const name = write?.slice('write '.length);
      assert.deepEqual(storage.calls, [write, `syncData ${name}`, write, write]);
      assert.equal(sync, `syncData ${name}`);
      log.close();
    }
  });

  it('a fault at the first header: refuses the group and is made good by the next', () => {
    for (const operation of ['write', 'syncData'] as const) {
      const storage = newDisk();
      const log = openLog(storage, folder);
      storage.failOnce(operation, 'EIO');
      assert.throws(() => appendGroup(log, 1, [100]), { code: 'EIO' });
      storage.calls.length = 0;
      assert.equal(appendGroup(log, 2, [100]), 2);
      assert.deepEqual(storage.calls, ['write 0002.log', 'syncData 0002.log', 'write 0002.log']);
      assert.deepEqual(read(storage), [2]);
    }
  });

  it('short writes: are continued', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    storage.bytesPerCallMax = 7;
    appendGroup(log, 1, [100, 200]);
    appendGroup(log, 3, [50]);
    storage.heal();
    assert.deepEqual(read(storage), [1, 2, 3]);
  });

  it('a file without room: is left, and the next has the next epoch', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    assert.equal(appendGroup(log, 1, [3000]), 1);
    takeWrites(storage);
    assert.equal(appendGroup(log, 2, [3000]), 2);
    assert.equal(appendGroup(log, 3, [100]), 2);
    assert.deepEqual(takeWrites(storage), ['0002.log', '0002.log']);
  });

  it('a file: is filled to its last byte', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    assert.equal(appendGroup(log, 1, [1000]), 1);
    const rest = groupBytesMax - frameBytes(1000) - frameBytes(0);
    assert.equal(appendGroup(log, 2, [rest]), 1);
    assert.equal(appendGroup(log, 3, [0]), 2);
    assert.deepEqual(read(storage), [1, 2, 3]);
  });

  it('begin: writes nothing, and says the same until something was appended', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    takeWrites(storage);
    assert.deepEqual([log.begin(40), log.begin(groupBytesMax), log.begin(40)], [1, 1, 1]);
    assert.deepEqual(takeWrites(storage), []);
    appendGroup(log, 1, [3000]);
    takeWrites(storage);
    assert.deepEqual([log.begin(40), log.begin(groupBytesMax), log.begin(40)], [1, 2, 1]);
    assert.deepEqual(takeWrites(storage), []);
  });

  it('positions that are left out: take the group to another file, and are not lost', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    appendGroup(log, 1, [100]);
    assert.deepEqual([log.begin(40), log.begin(40, 2), log.begin(40, 5)], [1, 1, 2]);
    assert.equal(appendGroup(log, 5, [100]), 2);
    assert.deepEqual(read(storage, 1), [1, 5]);
  });

  it('frames of another epoch, lane or position than they should have: are not written', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    appendGroup(log, 1, [100]);
    takeWrites(storage);
    const good = { position: 2, epoch: 1 };
    for (const change of [{ epoch: 2 }, { lane: 1 }, { position: 3 }]) {
      const frame = stampedFrame(bodyOf(2, 100), { ...good, ...change });
      assert.throws(() => log.append([frame], 2, 2), /invariant broken: a frame is stamped/);
    }
    const frame = stampedFrame(bodyOf(2, 100), good);
    assert.throws(() => log.append([frame], 1, 1), /positions rise/);
    assert.throws(() => log.append([frame], 2, 10), /holds its frames/);
    assert.deepEqual(takeWrites(storage), []);
  });
});

describe('WalWriter: files in turn', () => {
  it('every file needed: is full; once released they are used again, the oldest first', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    for (const position of range(1, walFileCount)) appendGroup(log, position, [fillingBodyBytes]);
    assert.equal(appendGroup(log, 9, [0]), 'full');
    assert.deepEqual(read(storage), range(1, walFileCount));
    log.release(1);
    assert.equal(log.begin(40), 'full');
    log.release(3);
    takeWrites(storage);
    appendGroup(log, 9, [fillingBodyBytes]);
    appendGroup(log, 10, [fillingBodyBytes]);
    assert.equal(log.begin(40), 'full');
    assert.deepEqual(takeWrites(storage), ['0001.log', '0002.log']);
    assert.deepEqual(read(storage), range(3, 10));
  });

  it('a position that is needed: holds its file and all that came after', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    for (const position of range(1, 100)) {
      log.release(Math.max(1, position - 5));
      assert.notEqual(appendGroup(log, position, [fillingBodyBytes]), 'full');
      assert.deepEqual(
        read(storage, Math.max(1, position - 5)),
        range(Math.max(1, position - 5), position),
      );
    }
  });

  it('release: never goes back', () => {
    const log = openLog(newDisk(), folder);
    for (const position of range(1, walFileCount)) appendGroup(log, position, [fillingBodyBytes]);
    log.release(5);
    log.release(2);
    for (const position of range(9, 12))
      assert.notEqual(appendGroup(log, position, [fillingBodyBytes]), 'full');
  });

  it('a frame larger than a file: gets one of its own, which goes when it is released', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    appendGroup(log, 1, [100]);
    assert.equal(appendGroup(log, 2, [20_000]), 2);
    assert.equal(storage.stat(filePath(folder, 9))?.bytes, walHeaderBytes + frameBytes(20_000));
    assert.equal(appendGroup(log, 3, [100]), 3);
    assert.deepEqual(read(storage), [1, 2, 3]);
    log.release(2);
    assert.deepEqual(read(storage), [1, 2, 3]);
    log.release(3);
    assert.equal(storage.stat(filePath(folder, 9)), undefined);
    assert.deepEqual(read(storage, 3), [3]);
  });

  it('many large frames: are full when together they take as much as the log itself', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    let position = 1;
    while (appendGroup(log, position, [5000]) !== 'full') position += 1;
    // The last file is the current file, which does not count.
    const leftCount = Math.floor((walFileCount * fileBytes) / (walHeaderBytes + frameBytes(5000)));
    assert.equal(position - 1, leftCount + 1);
    log.release(position);
    assert.notEqual(appendGroup(log, position, [100_000]), 'full');
  });
});

describe('WalWriter: opened again', () => {
  it('what was there: is kept, and epochs rise above all that were', () => {
    const storage = newDisk();
    const first = openLog(storage, folder);
    for (const position of range(1, 3)) appendGroup(first, position, [3000]);
    first.close();
    const second = openLog(storage, folder);
    assert.equal(second.lastPosition, 3);
    assert.equal(appendGroup(second, 4, [3000]), 3 + walEpochStride);
    assert.deepEqual(read(storage), [1, 2, 3, 4]);
    second.close();
    const third = openLog(storage, folder, { neededFrom: 4 });
    assert.equal(appendGroup(third, 9, [3000]), 3 + 2 * walEpochStride);
    assert.deepEqual(read(storage, 4), [4, 9]);
  });

  it('every file needed: is full until something is released', () => {
    const storage = newDisk();
    const first = openLog(storage, folder);
    for (const position of range(1, walFileCount)) appendGroup(first, position, [fillingBodyBytes]);
    const second = openLog(storage, folder);
    assert.equal(second.begin(40), 'full');
    second.release(2);
    appendGroup(second, 9, [10]);
    assert.deepEqual(read(storage, 2), range(2, 9));
  });

  it('another size of the log: keeps what is needed and then goes over to it', () => {
    const storage = newDisk();
    const first = openLog(storage, folder);
    for (const position of range(1, 6)) appendGroup(first, position, [fillingBodyBytes]);
    first.close();
    const second = openLog(storage, folder, {
      walBytesMax: 3 * walFileCount * fileBytes,
      neededFrom: 3,
    });
    appendGroup(second, 7, [9000]);
    assert.deepEqual(read(storage, 3), range(3, 7));
    second.release(8);
    const lengths = storage
      .list(folder)
      .map(({ name }) => storage.stat(`${folder}/${name}`)?.bytes);
    assert.deepEqual(lengths, new Array(walFileCount).fill(3 * fileBytes));
  });

  it('frames of a use whose header was lost: have epochs that never come again', () => {
    const storage = newDisk();
    const first = openLog(storage, folder);
    for (const position of range(1, walFileCount)) appendGroup(first, position, [3000]);
    first.release(9);
    const before = readFirstPage(storage);
    assert.equal(appendGroup(first, 9, [3000]), 9);
    appendGroup(first, 10, [500]);
    first.close();
    restoreHeader(storage, before);
    const second = openLog(storage, folder, { neededFrom: 9 });
    assert.equal(appendGroup(second, 9, [500]), 8 + walEpochStride);
    assert.deepEqual(read(storage, 9), [9]);
  });

  function readFirstPage(storage: FaultStorage): Uint8Array {
    const header = new Uint8Array(512);
    storage.read(storage.open(filePath(folder, 1), 'read'), header, 0);
    return header;
  }

  function restoreHeader(storage: FaultStorage, bytes: Uint8Array): void {
    storage.write(storage.open(filePath(folder, 1), 'update'), [bytes], 0);
  }

  it('epochs used up: is refused with a word of what to do', () => {
    const storage = newDisk();
    const found = endOf(readLog(storage, folder));
    const file = { number: 1, bytes: 0, epoch: walEpochMax - 1, lastPosition: 0 };
    const open = () => openLog(storage, folder, { found: { ...found, files: [file] } });
    assert.throws(open, /delete its files/);
  });
});

describe('WalWriter: faults', () => {
  it('a failed append: is refused, its file left, and the work goes on in the next', () => {
    for (const code of ['ENOSPC', 'EIO']) {
      const storage = newDisk();
      const log = openLog(storage, folder);
      appendGroup(log, 1, [100]);
      storage.failOnce('write', code, { bytesBefore: 90 });
      assert.throws(() => appendGroup(log, 2, [100, 100]), { code });
      takeWrites(storage);
      assert.equal(log.lastPosition, 1);
      assert.equal(appendGroup(log, 4, [100]), 2);
      assert.deepEqual(takeWrites(storage), ['0002.log']);
      assert.deepEqual(read(storage), [1, 'the last frame is torn', 4]);
      assert.equal(endOf(readLog(storage, folder, 1)).sums.lostPositions, 0);
    }
  });

  it('a file that failed: is used again when nothing in it is needed', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    appendGroup(log, 1, [100]);
    storage.failOnce('write', 'EIO');
    assert.throws(() => appendGroup(log, 2, [100]));
    for (const position of range(3, 9)) appendGroup(log, position, [fillingBodyBytes]);
    assert.equal(log.begin(40), 'full');
    log.release(2);
    takeWrites(storage);
    assert.equal(appendGroup(log, 10, [100]), 9);
    assert.deepEqual(takeWrites(storage), ['0001.log']);
  });

  it('a first write that fails: spends an epoch and no file', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    for (const position of range(1, walFileCount - 1))
      appendGroup(log, position, [fillingBodyBytes]);
    for (const attempt of range(1, 5)) {
      storage.failOnce('write', 'ENOSPC', { bytesBefore: 100 * attempt });
      assert.throws(() => appendGroup(log, 7 + attempt, [fillingBodyBytes]), { code: 'ENOSPC' });
    }
    assert.equal(appendGroup(log, 13, [100]), 13);
    assert.deepEqual(read(storage, 1), [...range(1, 7), 13]);
  });

  it('a file of its own length that cannot be written: is removed', () => {
    for (const [operation, callsBefore] of [
      ['write', 0],
      ['open', 0],
    ] as const) {
      const storage = newDisk();
      const log = openLog(storage, folder);
      appendGroup(log, 1, [100]);
      storage.failOnce(operation, 'ENOSPC', { callsBefore, bytesBefore: 9000 });
      assert.throws(() => appendGroup(log, 2, [20_000]), { code: 'ENOSPC' });
      assert.equal(storage.list(folder).length, walFileCount);
      appendGroup(log, 3, [100]);
      assert.deepEqual(read(storage), [1, 3]);
    }
  });
});

describe('WalWriter: synced', () => {
  function openSynced(storage: FaultStorage) {
    return openLog(storage, folder, { durability: 'synced' });
  }

  it('sync: is one fdatasync for each group; with logged there is none', () => {
    for (const durability of ['synced', 'logged'] as const) {
      const storage = newDisk();
      const log = openLog(storage, folder, { durability });
      appendGroup(log, 1, [100]);
      storage.calls.length = 0;
      appendGroup(log, 2, [100]);
      log.sync();
      appendGroup(log, 3, [100]);
      const write = 'write 0001.log';
      const sync = durability === 'synced' ? ['syncData 0001.log'] : [];
      assert.deepEqual(storage.calls, [write, ...sync, write, ...sync]);
    }
  });

  it('a file of its own length: is durable with its name', () => {
    const storage = newDisk();
    const log = openSynced(storage);
    appendGroup(log, 1, [100]);
    storage.calls.length = 0;
    appendGroup(log, 2, [20_000]);
    const calls = ['open 0009.log', 'write 0009.log', 'syncData 0009.log', 'syncFolder lane-3'];
    assert.deepEqual(storage.calls, calls);
  });

  it('a group without its sync: is not followed by another', () => {
    const log = openSynced(newDisk());
    log.append([stampedFrame(bodyOf(1, 8), { position: 1, epoch: Number(log.begin(48)) })], 1, 1);
    const next = stampedFrame(bodyOf(2, 8), { position: 2, epoch: 1 });
    assert.throws(() => log.append([next], 2, 2), /synced before the next/);
  });

  it('a failed sync: refuses the group, and the next goes to another file', () => {
    const storage = newDisk();
    const log = openSynced(storage);
    appendGroup(log, 1, [100]);
    appendGroup(log, 2, [100]);
    storage.failOnce('syncData', 'EIO');
    assert.throws(() => appendGroup(log, 3, [100, 100]), { code: 'EIO' });
    assert.equal(log.lastPosition, 2);
    assert.equal(appendGroup(log, 5, [100]), 2);
    assert.deepEqual(read(storage), [1, 2, 5]);
  });

  it('a failed sync of a first group: leaves nothing of it', () => {
    const storage = newDisk();
    const log = openSynced(storage);
    storage.failOnce('syncData', 'EIO');
    assert.throws(() => appendGroup(log, 1, [100]), { code: 'EIO' });
    appendGroup(log, 2, [100]);
    assert.deepEqual(read(storage), [2]);
  });
});

describe("WalWriter: the machine's disk", () => {
  it('groups from shared memory, over files in turn and opened again: are read back', () => {
    const folder = join(newFolder(), 'lane-3');
    const first = openLog(nodeStorage, folder, { durability: 'synced' });
    for (const position of range(1, 30)) {
      first.release(Math.max(1, position - 6));
      appendGroup(first, position, [position % 7 === 0 ? 9000 : 100 * position]);
    }
    // The first log is not closed, as after a killed process.
    const second = openLog(nodeStorage, folder, { neededFrom: 24 });
    appendGroup(second, 31, [100, 200]);
    assert.deepEqual(brief(readLog(nodeStorage, folder, 24)), range(24, 32));
    first.close();
    second.close();
  });
});

describe('WalWriter: its files', () => {
  it('a file that somebody deletes: is missed', () => {
    const storage = newDisk();
    const log = openLog(storage, folder);
    storage.remove(filePath(folder, 4));
    assert.deepEqual(log.missing(), [filePath(folder, 4)]);
  });

  it('after a writer whose files are gone: positions and epochs go on', () => {
    const storage = newDisk();
    const lost = openLog(storage, folder);
    appendGroup(lost, 1, [100, 100, 100]);
    for (let number = 1; number <= walFileCount; number++) {
      storage.remove(filePath(folder, number));
    }
    const { reach } = lost;
    const next = openLog(storage, folder, { neededFrom: 4, after: reach });
    assert.deepEqual([reach.lastPosition, next.lastPosition], [3, 3]);
    assert.ok(next.begin(100) === reach.nextEpoch);
    appendGroup(next, 4, [100]);
    assert.deepEqual(brief(readLog(storage, folder, 4)), range(4, 4));
    lost.close();
    next.close();
  });

  it('close: leaves no file open', () => {
    const storage = newDisk();
    const log = openLog(storage, folder, owner);
    assert.equal(storage.openCount, walFileCount);
    log.close();
    assert.equal(storage.openCount, 0);
  });
});
