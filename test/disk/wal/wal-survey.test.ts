/** Shows how the files in a log's folder are classified before any of their frames is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import {
  walEpochStride,
  walHeaderBytes,
  walHeaderToBytes,
} from '../../../src/disk/wal/wal-format.ts';
import { surveyWal, withWindow } from '../../../src/disk/wal/wal-survey.ts';
import {
  bodyOf,
  filePath,
  otherRecorderId,
  owner,
  recorderId,
  stampedFrame,
} from '../example-log.ts';
import { FaultStorage } from '../fault-storage.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const folder = '/wal';
const fileBytes = 4096;

interface FileParts {
  readonly epoch: number;
  readonly recorder?: string;
  readonly lane?: number;
  readonly frameEpoch?: number;
  readonly isHeaderDamaged?: boolean;
}

function fileOf(parts: FileParts): Uint8Array {
  const { epoch, recorder = recorderId, lane = owner.lane, frameEpoch = epoch } = parts;
  const bytes = new Uint8Array(fileBytes);
  const positions = { firstPosition: 10 * epoch, previousPosition: 10 * epoch - 1 };
  bytes.set(walHeaderToBytes({ recorderId: recorder, lane, epoch, ...positions, fileBytes }));
  if (parts.isHeaderDamaged) bytes[30]! ^= 1;
  const frame = stampedFrame(bodyOf(1, 30), { position: 10 * epoch, epoch: frameEpoch, lane });
  bytes.set(frame, walHeaderBytes);
  return bytes;
}

function diskWith(files: Readonly<Record<number, Uint8Array>>): VolatileStorage {
  const storage = new VolatileStorage();
  storage.makeFolder(folder);
  for (const [number, bytes] of Object.entries(files)) {
    storage.put(filePath(folder, Number(number)), bytes);
  }
  return storage;
}

function survey(files: Readonly<Record<number, Uint8Array>>) {
  return surveyWal(diskWith(files), folder, owner);
}

function epochs(files: Readonly<Record<number, Uint8Array>>): [number, number][] {
  return survey(files).files.map(({ number, epoch }) => [number, epoch]);
}

describe('surveyWal', () => {
  it('no folder: is no files', () => {
    assert.deepEqual(surveyWal(new VolatileStorage(), folder, owner), { files: [], foreign: [] });
  });

  it('files: come in the order of their epochs, whatever their names', () => {
    const files = { 1: fileOf({ epoch: 30 }), 2: fileOf({ epoch: 4 }), 700: fileOf({ epoch: 5 }) };
    assert.deepEqual(epochs(files), [
      [2, 4],
      [700, 5],
      [1, 30],
    ]);
  });

  it('a file that was made and not used: has no epoch', () => {
    const { files } = survey({ 1: new Uint8Array(fileBytes), 2: new Uint8Array(0) });
    assert.deepEqual(
      files.map(({ epoch, header, bytes }) => [epoch, header, bytes]),
      [
        [0, 'unused', fileBytes],
        [0, 'unused', 0],
      ],
    );
  });

  it('a damaged header: its frames tell the epoch', () => {
    const { files } = survey({ 1: fileOf({ epoch: 6, isHeaderDamaged: true }) });
    assert.deepEqual([files[0]?.epoch, files[0]?.header], [6, 'damaged']);
  });

  it('a header of zeros with frames behind it: is damaged, not unused', () => {
    const bytes = fileOf({ epoch: 6 });
    bytes.fill(0, 0, walHeaderBytes);
    const { files } = survey({ 1: bytes });
    assert.deepEqual([files[0]?.epoch, files[0]?.header], [6, 'damaged']);
  });

  it('a damaged header and no frame: has no epoch', () => {
    const { files } = survey({ 1: new Uint8Array(fileBytes).fill(9) });
    assert.deepEqual([files[0]?.epoch, files[0]?.header], [0, 'damaged']);
  });

  it('a damaged header and a frame far above all epochs: the frame is not believed', () => {
    const near = fileOf({ epoch: 3, frameEpoch: 7 + walEpochStride, isHeaderDamaged: true });
    const far = fileOf({ epoch: 3, frameEpoch: 8 + walEpochStride, isHeaderDamaged: true });
    assert.deepEqual(epochs({ 1: fileOf({ epoch: 7 }), 2: near, 3: far }), [
      [3, 0],
      [1, 7],
      [2, 7 + walEpochStride],
    ]);
  });

  it('files that are not ours: are told, and take no part', () => {
    const later = fileOf({ epoch: 4 });
    const view = new DataView(later.buffer);
    view.setUint16(4, 2, true);
    view.setUint32(60, crc32(later.subarray(0, 60)), true);
    const { foreign, files } = survey({
      1: fileOf({ epoch: 1 }),
      2: fileOf({ epoch: 2, recorder: otherRecorderId }),
      3: fileOf({ epoch: 3, lane: 4 }),
      4: later,
    });
    assert.deepEqual(
      files.map(({ number }) => number),
      [1],
    );
    assert.deepEqual(foreign, [
      { path: filePath(folder, 2), why: 'another recorder' },
      { path: filePath(folder, 3), why: 'another lane' },
      { path: filePath(folder, 4), why: 'another version' },
    ]);
  });
});

describe('withWindow', () => {
  it('an action that throws: leaves no file open', () => {
    const storage = new FaultStorage(diskWith({ 1: new Uint8Array(8) }));
    const fails = () => {
      throw new Error('no');
    };
    assert.throws(() => withWindow(storage, filePath(folder, 1), fails), /no/);
    assert.equal(storage.openCount, 0);
    assert.equal(
      withWindow(storage, filePath(folder, 1), ({ fileBytes }) => fileBytes),
      8,
    );
    assert.equal(storage.openCount, 0);
  });
});
