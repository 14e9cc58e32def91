/** Shows what recovery does with each state in which an earlier run may have left its segments. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { endOfStream } from '../../../src/disk/ipc/ipc-format.ts';
import { recoverSegments } from '../../../src/disk/recovery/recovery.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { finish } from '../finish.ts';
import {
  archivedPositions,
  archivedRows,
  batchBytes,
  emptyArchive,
  filesOf,
  type LeftSegment,
  namesOf,
  otherId,
  outputDir,
  pathOf,
  putCheckpoint,
  putSegment,
  range,
  recorderId,
  recover,
  rowsOf,
  schemaBytes,
  segmentBytes,
} from '../left-archive.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import type { VolatileStorage } from '../volatile-storage.ts';

const newFolder = temporaryFolders();
const nothingDone = {
  sealed: [],
  cutBytes: 0,
  removed: [],
  setAside: [],
  lostRows: 0,
  doubledBatches: 0,
  conflicts: [],
  foreignTorn: [],
};
const bytesOf = (storage: VolatileStorage, path: string) =>
  Buffer.from(storage.bytesOf(`${outputDir}/${path}`));

/**
 * Returns the segment with one changed byte in a body, at this distance from the end of a batch.
 */
function damaged(segment: LeftSegment, batchIndex: number, bytesBeforeEnd = 8): Buffer {
  const bytes = segmentBytes(segment);
  const before = segment.batches.slice(0, batchIndex + 1);
  const end = before.reduce((sum, positions) => sum + batchBytes(positions, segment).length, 0);
  bytes[schemaBytes(segment.recorder).length + end - bytesBeforeEnd]! ^= 1;
  return bytes;
}

describe('recoverSegments: where a start goes on', () => {
  it('an empty directory, or none: starts at 1', () => {
    for (const folder of [newFolder(), join(newFolder(), 'absent')]) {
      const found = finish(recoverSegments(nodeStorage, folder, recorderId, 0));
      assert.deepEqual(
        [found.nextPosition, found.nextSegmentNumber, found.checkpoint, found.neededFrom],
        [1n, 1, 'absent', 1],
      );
      assert.deepEqual(found.report, nothingDone);
    }
  });

  it('sealed segments without a checkpoint: are gone on behind, and stay as they are', () => {
    const storage = emptyArchive();
    putSegment(storage, { number: 1, batches: [[1, 5]] });
    putSegment(storage, {
      number: 2,
      batches: [
        [6, 7],
        [8, 9],
      ],
    });
    const before = filesOf(storage);
    const found = recover(storage);
    assert.deepEqual([found.nextPosition, found.nextSegmentNumber], [10n, 3]);
    assert.deepEqual(found.report, nothingDone);
    assert.deepEqual(filesOf(storage), before);
    assert.deepEqual(archivedPositions(found, 20), range(1, 9));
  });

  it('a damaged checkpoint: is as good as none, and is told', () => {
    const storage = emptyArchive();
    putCheckpoint(storage, { nextSegmentNumber: 50, oldestOpenNumber: 50 });
    storage.bytesOf(`${outputDir}/.archer/checkpoint`)[30]! ^= 1;
    putSegment(storage, { number: 2, batches: [[1, 3]] });
    const found = recover(storage);
    assert.deepEqual(
      [found.nextPosition, found.nextSegmentNumber, found.checkpoint, found.neededFrom],
      [4n, 3, 'damaged', 1],
    );
  });

  it('a checkpoint of another recorder: tells of numbers only', () => {
    const storage = emptyArchive();
    const archived = { traces: 80n, metrics: 80n, logs: 80n };
    const lanes = [{ lane: 0, nextPosition: 90n, archived }];
    putCheckpoint(storage, { recorder: otherId, nextSegmentNumber: 9, oldestOpenNumber: 9, lanes });
    putSegment(storage, { number: 2, batches: [[1, 3]] });
    const found = recover(storage);
    assert.deepEqual(
      [found.nextPosition, found.nextSegmentNumber, found.checkpoint],
      [4n, 9, 'damaged'],
    );
    assert.deepEqual(archivedPositions(found, 100), range(1, 3));
  });

  it('all segments deleted: numbers and positions still go on behind the checkpoint', () => {
    const storage = emptyArchive();
    const archived = { traces: 99n, metrics: 98n, logs: 99n };
    const lanes = [{ lane: 0, nextPosition: 100n, archived }];
    const written = putCheckpoint(storage, { nextSegmentNumber: 12, oldestOpenNumber: 12, lanes });
    const found = recover(storage);
    assert.deepEqual(found.checkpoint, written);
    assert.deepEqual([found.nextPosition, found.nextSegmentNumber], [100n, 12]);
    assert.equal(found.neededFrom, 99);
    assert.equal(found.isArchived('traces', 99), true);
    assert.equal(found.isArchived('metrics', 99), false);
  });

  it('a segment behind the checkpoint: is not opened again', () => {
    const storage = emptyArchive();
    putSegment(storage, { number: 1, batches: [[1, 5]], isSealed: false });
    putCheckpoint(storage, { nextSegmentNumber: 3, oldestOpenNumber: 2 });
    const before = filesOf(storage);
    assert.deepEqual(recover(storage).report, nothingDone);
    assert.deepEqual(filesOf(storage), before);
  });

  it('a file with a greater number than the checkpoint knows: is never met', () => {
    const storage = emptyArchive();
    putCheckpoint(storage, { nextSegmentNumber: 4 });
    putSegment(storage, { number: 9, batches: [[1, 2]] });
    assert.equal(recover(storage).nextSegmentNumber, 10);
  });

  it("another recorder's segments: take numbers, and are left alone, torn or damaged too", () => {
    const storage = emptyArchive();
    const foreign = {
      recorder: otherId,
      batches: [
        [1, 5],
        [6, 50],
      ],
    } as const;
    putSegment(storage, { ...foreign, number: 5 }, damaged({ ...foreign, number: 5 }, 0));
    putSegment(
      storage,
      { ...foreign, number: 6 },
      segmentBytes({ ...foreign, number: 6 }).subarray(0, -99),
    );
    putSegment(storage, { ...foreign, number: 7, batches: [], isSealed: false });
    const before = filesOf(storage);
    const found = recover(storage);
    assert.deepEqual([found.nextPosition, found.nextSegmentNumber], [1n, 8]);
    const foreignTorn = [5, 6, 7].map((number) => pathOf({ number }));
    assert.deepEqual(found.report, { ...nothingDone, foreignTorn });
    assert.deepEqual(filesOf(storage), before);
  });

  it("another lane's segments: are left to it", () => {
    const storage = emptyArchive();
    putSegment(storage, { number: 1, batches: [[1, 5]] });
    putSegment(storage, { number: 2, batches: [[1, 70]], lane: 1, isSealed: false });
    const first = recover(storage, 0);
    assert.deepEqual([first.nextPosition, first.report.sealed], [6n, []]);
    const second = recover(storage, 1);
    assert.deepEqual([second.nextPosition, second.report.sealed], [71n, [pathOf({ number: 2 })]]);
  });

  it('signals: a position counts for that of its batch alone', () => {
    const storage = emptyArchive();
    putSegment(storage, {
      number: 1,
      batches: [
        [1, 4],
        [9, 9],
      ],
    });
    putSegment(storage, { number: 2, signal: 'logs', batches: [[2, 6]], isSealed: false });
    const found = recover(storage);
    assert.deepEqual(archivedPositions(found, 12, 'traces'), [1, 2, 3, 4, 9]);
    assert.deepEqual(archivedPositions(found, 12, 'logs'), [2, 3, 4, 5, 6]);
    assert.deepEqual(archivedPositions(found, 12, 'metrics'), []);
    assert.equal(found.neededFrom, 1);
    assert.deepEqual(found.missing({ from: 3, to: 12 }), [
      { from: 7, to: 8 },
      { from: 10, to: 12 },
    ]);
  });
});

describe('recoverSegments: what becomes of a segment', () => {
  it('unsealed behind a whole batch: gets its end mark', () => {
    const storage = emptyArchive();
    const segment = {
      number: 3,
      batches: [
        [50, 60],
        [61, 70],
      ],
    } as const;
    const path = putSegment(storage, { ...segment, isSealed: false });
    const { report } = recover(storage);
    assert.deepEqual(report, { ...nothingDone, sealed: [path] });
    assert.deepEqual(bytesOf(storage, path), segmentBytes(segment));
  });

  it('torn at any byte: keeps exactly the batches that are whole, and is a sealed segment', () => {
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 4],
        [5, 9],
      ],
    } as const;
    const whole = segmentBytes(segment);
    const ends = segment.batches.map((_, index) => {
      const upTo = segment.batches.slice(0, index + 1);
      return segmentBytes({ ...segment, batches: upTo, isSealed: false }).length;
    });
    const sealed = ends.map((end) => Buffer.concat([whole.subarray(0, end), endOfStream]));
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const storage = emptyArchive();
      const path = putSegment(storage, segment, whole.subarray(0, bytes));
      const found = recover(storage);
      const count = ends.filter((end) => end <= bytes).length;
      const kept = segment.batches.slice(0, count);
      assert.deepEqual(
        archivedPositions(found, 12),
        kept.flatMap(([from, to]) => range(from, to)),
      );
      if (count === 0) {
        assert.deepEqual([found.report.removed, namesOf(storage)], [[path], []], `at ${bytes}`);
      } else {
        assert.ok(bytesOf(storage, path).equals(sealed[count - 1]!));
        assert.equal(found.report.cutBytes, bytes - ends[count - 1]!);
        assert.deepEqual([namesOf(storage), found.report.sealed], [[path], [path]]);
      }
      assert.deepEqual(recover(storage).report, nothingDone, 'all is settled');
    }
  });

  it('pages of zeros behind the last batch, or in it: are cut', () => {
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 9],
      ],
      isSealed: false,
    } as const;
    const whole = segmentBytes(segment);
    const first = segmentBytes({ ...segment, batches: [[1, 3]], isSealed: false });
    const behind = Buffer.concat([first, Buffer.alloc(8192)]);
    const inside = Buffer.concat([whole.subarray(0, -600), Buffer.alloc(600)]);
    for (const bytes of [behind, inside]) {
      const storage = emptyArchive();
      const path = putSegment(storage, segment, bytes);
      const found = recover(storage);
      assert.deepEqual(rowsOf(storage, path), [1, 2, 3]);
      assert.deepEqual(archivedPositions(found, 12), [1, 2, 3]);
      assert.equal(found.report.cutBytes, bytes.length - first.length);
      assert.deepEqual(namesOf(storage), [path]);
    }
  });

  it('bytes behind the end mark: go', () => {
    const storage = emptyArchive();
    const segment = { number: 1, batches: [[1, 3]] } as const;
    const path = putSegment(
      storage,
      segment,
      Buffer.concat([segmentBytes(segment), Buffer.from('tail')]),
    );
    assert.deepEqual(recover(storage).report.sealed, [path]);
    assert.deepEqual(bytesOf(storage, path), segmentBytes(segment));
  });

  it('a schema and no batch, sealed or not; or the schema cut: disappears', () => {
    const schema = schemaBytes();
    const cases = [schema, Buffer.concat([schema, endOfStream]), schema.subarray(0, 100), []];
    for (const bytes of cases) {
      const storage = emptyArchive();
      const path = putSegment(storage, { number: 4, batches: [] }, Uint8Array.from(bytes));
      const found = recover(storage);
      assert.deepEqual(found.report, { ...nothingDone, removed: [path] });
      assert.deepEqual([namesOf(storage), found.nextSegmentNumber], [[], 5]);
    }
  });

  for (const [index, what] of ['first', 'middle', 'last'].entries()) {
    it(`a byte of the ${what} body of a sealed segment: it is set aside, the others stay`, () => {
      const storage = emptyArchive();
      const segment = {
        number: 1,
        batches: [
          [1, 3],
          [4, 6],
          [7, 9],
        ],
      } as const;
      const bytes = damaged(segment, index);
      const path = putSegment(storage, segment, bytes);
      const found = recover(storage);
      const damagedPath = `.archer/damaged/${path.split('/').at(-1)}`;
      assert.deepEqual(found.report, {
        ...nothingDone,
        setAside: [{ path, damagedPath, keptBatches: 2 }],
        lostRows: 3,
      });
      const batches = segment.batches.filter((_, other) => other !== index);
      assert.deepEqual(bytesOf(storage, path), segmentBytes({ ...segment, batches }));
      assert.deepEqual(bytesOf(storage, damagedPath), bytes);
      assert.deepEqual(
        archivedPositions(found, 12),
        batches.flatMap(([a, b]) => range(a, b)),
      );
      assert.deepEqual(recover(storage).report, nothingDone);
    });
  }

  it('zeros over the end of one batch and the start of the next: those behind are found', () => {
    const storage = emptyArchive();
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 6],
        [7, 9],
        [10, 12],
      ],
      isSealed: false,
    } as const;
    const bytes = segmentBytes(segment);
    const second = segmentBytes({ ...segment, batches: segment.batches.slice(0, 2) });
    bytes.fill(0, second.length - 200, second.length + 300);
    const path = putSegment(storage, segment, bytes);
    const found = recover(storage);
    assert.deepEqual(rowsOf(storage, path), [1, 2, 3, 10, 11, 12]);
    assert.deepEqual(archivedPositions(found, 20), [1, 2, 3, 10, 11, 12]);
    assert.equal(found.report.setAside[0]?.keptBatches, 2);
    assert.equal(found.nextPosition, 13n);
  });

  it('nothing whole in a sealed segment: it is moved away, and nothing takes its place', () => {
    const storage = emptyArchive();
    const segment = { number: 1, batches: [[1, 3]] } as const;
    const path = putSegment(storage, segment, damaged(segment, 0));
    const found = recover(storage);
    const damagedPath = `.archer/damaged/${path.split('/').at(-1)}`;
    assert.deepEqual(found.report.setAside, [{ path, damagedPath, keptBatches: 0 }]);
    assert.deepEqual(namesOf(storage), [damagedPath]);
    assert.equal(found.isArchived('traces', 2), false);
  });

  it('a schema that is lost, with batches or nothing known behind it: the file is moved away', () => {
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 6],
      ],
    } as const;
    const withBatches = segmentBytes(segment).fill(0, 0, 64);
    for (const bytes of [withBatches, Buffer.alloc(5000, 7), Buffer.alloc(4096)]) {
      const storage = emptyArchive();
      const path = putSegment(storage, segment, bytes);
      const found = recover(storage);
      const damagedPath = `.archer/damaged/${path.split('/').at(-1)}`;
      assert.deepEqual(namesOf(storage), [damagedPath]);
      assert.deepEqual(bytesOf(storage, damagedPath), Buffer.from(bytes));
      assert.deepEqual(archivedPositions(found, 9), []);
    }
  });

  it('damaged a second time under the same name: both originals are kept', () => {
    const storage = emptyArchive();
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 6],
        [7, 9],
      ],
    } as const;
    const path = putSegment(storage, segment, damaged(segment, 0));
    recover(storage);
    const again = { ...segment, batches: segment.batches.slice(1) };
    putSegment(storage, again, damaged(again, 1));
    const found = recover(storage);
    const fileName = path.split('/').at(-1);
    assert.deepEqual(found.report.setAside, [
      { path, damagedPath: `.archer/damaged/${fileName}.1`, keptBatches: 1 },
    ]);
    assert.deepEqual(rowsOf(storage, path), [4, 5, 6]);
    assert.equal(namesOf(storage).length, 3);
  });
});

describe('recoverSegments: segments of another recorder', () => {
  it('torn or not ended: is named and stays as it is; a whole one is not named', () => {
    const storage = emptyArchive();
    const whole = { number: 1, batches: [[1, 3]], recorder: otherId } as const;
    putSegment(storage, whole);
    const open = putSegment(storage, { ...whole, number: 2, isSealed: false });
    const bytes = segmentBytes({ ...whole, number: 3, isSealed: false });
    const torn = putSegment(storage, { ...whole, number: 3 }, bytes.subarray(0, -5));
    const before = filesOf(storage);
    assert.deepEqual(recover(storage).report, { ...nothingDone, foreignTorn: [open, torn] });
    assert.deepEqual(filesOf(storage), before);
  });
});

describe('recoverSegments: batches that are there twice', () => {
  it('written again behind a failed cut: the first stays, and the later file goes', () => {
    const storage = emptyArchive();
    const first = putSegment(storage, {
      number: 1,
      batches: [
        [1, 3],
        [4, 6],
      ],
      isSealed: false,
    });
    const second = putSegment(storage, { number: 2, batches: [[4, 6]], isSealed: false });
    const third = putSegment(storage, {
      number: 3,
      batches: [
        [4, 6],
        [7, 9],
      ],
    });
    const found = recover(storage);
    assert.equal(found.report.doubledBatches, 2);
    assert.deepEqual(archivedRows(storage), range(1, 9));
    assert.deepEqual(rowsOf(storage, first), range(1, 6));
    assert.deepEqual(rowsOf(storage, third), range(7, 9));
    assert.ok(!namesOf(storage).includes(second));
    assert.deepEqual(recover(storage).report, nothingDone);
  });

  it('written again with what came meanwhile: the longer one stays, though it is later', () => {
    const storage = emptyArchive();
    const first = putSegment(storage, {
      number: 1,
      batches: [
        [1, 3],
        [4, 6],
      ],
      isSealed: false,
    });
    const second = putSegment(storage, { number: 2, batches: [[4, 9]], isSealed: false });
    assert.equal(recover(storage).report.doubledBatches, 1);
    assert.deepEqual(rowsOf(storage, first), range(1, 3));
    assert.deepEqual(rowsOf(storage, second), range(4, 9));
  });

  it('the same positions with other rows: one stays, the other is set aside and named', () => {
    const storage = emptyArchive();
    // The bitmap of start_time takes 8 bytes; then comes the time of the first row.
    const changeBody = (body: Uint8Array) => {
      body[8]! ^= 1;
    };
    const first = putSegment(storage, { number: 1, batches: [[1, 3]] });
    const second = putSegment(storage, {
      number: 2,
      batches: [
        [1, 3],
        [4, 6],
      ],
      options: { changeBody },
    });
    const original = storage.bytesOf(`${outputDir}/${second}`).slice();
    const { report } = recover(storage);
    assert.equal(report.doubledBatches, 0);
    const damagedPath = `.archer/damaged/${second.split('/').at(-1)}`;
    assert.deepEqual(report.conflicts, [damagedPath]);
    assert.deepEqual(storage.bytesOf(`${outputDir}/${damagedPath}`), original);
    assert.deepEqual(rowsOf(storage, first), range(1, 3));
    assert.deepEqual(rowsOf(storage, second), range(4, 6));
    assert.deepEqual(recover(storage).report, nothingDone);
  });

  it('the same rows, compressed and not: are copies', () => {
    const storage = emptyArchive();
    putSegment(storage, { number: 1, batches: [[1, 3]] });
    putSegment(storage, { number: 2, batches: [[1, 3]], options: { compression: 'none' } });
    const { report } = recover(storage);
    assert.deepEqual([report.doubledBatches, report.conflicts], [1, []]);
  });

  it('the same positions of other signals: are no copies', () => {
    const storage = emptyArchive();
    putSegment(storage, { number: 1, batches: [[1, 3]] });
    putSegment(storage, { number: 2, signal: 'logs', batches: [[1, 3]] });
    assert.deepEqual(recover(storage).report, nothingDone);
  });

  it('a copy whose original is damaged: is the only one, and stays', () => {
    const storage = emptyArchive();
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 6],
      ],
    } as const;
    putSegment(storage, segment, damaged(segment, 1));
    putSegment(storage, { number: 2, batches: [[4, 6]], isSealed: false });
    const found = recover(storage);
    assert.equal(found.report.doubledBatches, 0);
    assert.deepEqual(archivedRows(storage), range(1, 6));
  });
});

describe('recoverSegments: what the disk does not give', () => {
  it('sectors that the disk cannot read: cost the batch they lie in, or the schema the file', () => {
    const segment = {
      number: 1,
      batches: [
        [1, 3],
        [4, 299],
        [300, 600],
      ],
      isSealed: false,
    } as const;
    const secondEnd = segmentBytes({ ...segment, batches: segment.batches.slice(0, 2) }).length;
    const expected = [1, 2, 3, ...range(300, 600)];
    const inBody = emptyArchive();
    const path = putSegment(inBody, segment);
    inBody.makeUnreadable(`${outputDir}/${path}`, secondEnd - 6000, secondEnd - 5999);
    assert.deepEqual(archivedPositions(recover(inBody), 700), expected);
    assert.deepEqual(archivedRows(inBody), expected);
    const inSchema = emptyArchive();
    putSegment(inSchema, segment);
    inSchema.makeUnreadable(`${outputDir}/${path}`, 20, 21);
    const { report } = recover(inSchema);
    assert.equal(report.setAside[0]?.keptBatches, 0);
    assert.deepEqual(report.removed, []);
  });
});
