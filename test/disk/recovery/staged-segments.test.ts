/**
 * Shows what a start does with streams and files of a segment, with both, and with damaged files.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecordBatchFileReader, RecordBatchReader } from 'apache-arrow';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { surveySegment } from '../../../src/disk/recovery/segment-survey.ts';
import { settleStaged } from '../../../src/disk/recovery/staged-segments.ts';
import { readSegment } from '../../../src/disk/segment/segment-files.ts';
import { seededRandom } from '../../random.ts';
import { fileOf, putStaged } from '../arrow-file.ts';
import {
  archivedPositions,
  emptyArchive,
  filesOf,
  namesOf,
  otherId,
  outputDir,
  pathOf,
  putSegment,
  range,
  recorderId,
  recover,
  rowsOf,
  schemaBytes,
  segmentBytes,
} from '../left-archive.ts';
import type { VolatileStorage } from '../volatile-storage.ts';

const batches = [
  [1, 3],
  [4, 4],
  [5, 9],
] as const;
const segment = { number: 1, batches } as const;
const stream = segmentBytes(segment);
const file = fileOf(stream);
const path = pathOf(segment);

function settle(storage: VolatileStorage): void {
  settleStaged(storage, outputDir, recorderId, (other) =>
    readSegment(storage, outputDir, other, (open) =>
      surveySegment(storage, open, nativeDecompress()),
    ),
  );
}

describe('settleStaged', () => {
  it('a stream beside its whole file: goes', () => {
    const storage = emptyArchive();
    putStaged(storage, 1, stream);
    putSegment(storage, segment, file);
    settle(storage);
    assert.deepEqual(namesOf(storage), [path]);
    assert.deepEqual(Buffer.from(storage.bytesOf(`${outputDir}/${path}`)), file);
  });

  it('a stream beside a damaged file: stays, and the file is set aside', () => {
    for (const length of [0, 8, 100, file.length - 1]) {
      const storage = emptyArchive();
      const staged = putStaged(storage, 1, stream);
      putSegment(storage, segment, file.subarray(0, length));
      settle(storage);
      const aside = `.archer/damaged/${path.split('/')[2]}`;
      assert.deepEqual(namesOf(storage).sort(), [aside, staged].sort());
      assert.deepEqual(rowsOf(storage, staged), range(1, 9));
    }
  });

  it('a stream alone: stays, sealed or not', () => {
    const storage = emptyArchive();
    const staged = putStaged(storage, 1, stream.subarray(0, stream.length - 30));
    settle(storage);
    assert.deepEqual(namesOf(storage), [staged]);
  });

  it('what was being written: goes, and other files there stay', () => {
    const storage = emptyArchive();
    storage.makeFolder(`${outputDir}/.archer/sealing`);
    storage.put(`${outputDir}/.archer/sealing/_x.arrows.tmp`, file);
    storage.put(`${outputDir}/.archer/sealing/notes`, file);
    settle(storage);
    assert.deepEqual(namesOf(storage), ['.archer/sealing/notes']);
  });

  it("another recorder's stream beside its file: both stay", () => {
    const storage = emptyArchive();
    const foreign = segmentBytes({ ...segment, recorder: otherId });
    putStaged(storage, 1, foreign);
    putSegment(storage, segment, fileOf(foreign));
    const before = filesOf(storage);
    settle(storage);
    assert.deepEqual(filesOf(storage), before);
  });
});

describe('recoverSegments, with streams that are to become files', () => {
  it('a torn stream: is cut and sealed under its name', () => {
    const storage = emptyArchive();
    const staged = putStaged(storage, 1, stream.subarray(0, stream.length - 30));
    const found = recover(storage);
    assert.deepEqual(found.report.sealed, [staged]);
    assert.deepEqual(rowsOf(storage, staged), range(1, 4));
    assert.deepEqual(archivedPositions(found, 9), range(1, 4));
    assert.equal(found.nextSegmentNumber, 2);
  });

  it('a damaged stream: is set aside, and its whole batches take its place', () => {
    const storage = emptyArchive();
    const bytes = Buffer.from(stream);
    bytes[bytes.length - 20]! ^= 1;
    const staged = putStaged(storage, 1, bytes);
    const found = recover(storage);
    assert.deepEqual(
      found.report.setAside.map((aside) => aside.path),
      [staged],
    );
    assert.deepEqual(rowsOf(storage, staged), range(1, 4));
  });

  it('both: the rows are counted once', () => {
    const storage = emptyArchive();
    putStaged(storage, 1, stream);
    putSegment(storage, segment, file);
    const found = recover(storage);
    assert.equal(found.report.doubledBatches, 0);
    assert.deepEqual(namesOf(storage), [path]);
    assert.deepEqual(archivedPositions(found, 12), range(1, 9));
  });
});

describe('recoverSegments, with an Arrow IPC file', () => {
  it('whole: stays as it is', () => {
    const storage = emptyArchive();
    putSegment(storage, segment, file);
    const before = filesOf(storage);
    const found = recover(storage);
    assert.deepEqual(filesOf(storage), before);
    assert.deepEqual([found.nextPosition, found.report.setAside], [10n, []]);
    assert.deepEqual(archivedPositions(found, 12), range(1, 9));
  });

  it('cut anywhere: is set aside, and what is whole takes its place', () => {
    for (let length = 0; length < file.length; length += 5) {
      const storage = emptyArchive();
      putSegment(storage, segment, file.subarray(0, length));
      const found = recover(storage);
      const archived = archivedPositions(found, 12);
      const isThere = namesOf(storage).includes(path);
      assert.deepEqual(isThere ? rowsOf(storage, path) : [], archived, `${length} bytes`);
      // Shorter files look like a stream that has only just begun.
      if (length >= 8) assert.equal(found.report.setAside.length, 1, `${length} bytes`);
    }
  });

  it('any byte another: what is archived can be read, and only the batch it lies in is lost', () => {
    const random = seededRandom();
    const schemaEnd = 8 + schemaBytes().length;
    for (let offset = 0; offset < file.length; offset++) {
      const storage = emptyArchive();
      const bytes = Buffer.from(file);
      bytes[offset]! ^= 1 << random.below(8);
      putSegment(storage, segment, bytes);
      const found = recover(storage);
      const archived = archivedPositions(found, 12);
      const where = `byte ${offset}`;
      const isThere = namesOf(storage).includes(path);
      if (offset < schemaEnd) {
        // The schema's length leads to the first batch. If the length is too large, it hides that
        // batch.
        const isLength = offset >= 8 && offset < 16;
        if (!isLength) assert.deepEqual(archived, isThere ? range(1, 9) : [], where);
        continue;
      }
      assert.deepEqual(fileRows(storage.bytesOf(`${outputDir}/${path}`)), archived, where);
      const lost = batches.filter(([from]) => !archived.includes(from));
      assert.ok(lost.length <= 1, where);
      const isSame = found.report.setAside.length === 0;
      if (isSame) assert.equal(archived.length, 9, where);
    }
  });
});

/** Reads a file by its footer, as readers of files do, and a stream from its start. */
function fileRows(bytes: Uint8Array): number[] {
  const reader = RecordBatchReader.from(bytes).open();
  const isFile = reader instanceof RecordBatchFileReader;
  const batchesRead = isFile
    ? Array.from({ length: reader.numRecordBatches }, (_, index) => reader.readRecordBatch(index)!)
    : [...reader];
  return batchesRead.flatMap((batch) => Array.from(batch.getChild('batch_id') ?? [], Number));
}
