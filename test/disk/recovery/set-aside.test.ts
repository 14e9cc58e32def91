/**
 * Shows what remains when a segment is set aside, and that an interrupted attempt can be repeated.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { damagedFolder } from '../../../src/disk/layout.ts';
import { surveySegment } from '../../../src/disk/recovery/segment-survey.ts';
import { finishSetAsides, setAside } from '../../../src/disk/recovery/set-aside.ts';
import {
  emptyArchive,
  namesOf,
  outputDir,
  pathOf,
  putSegment,
  rowsOf,
  segmentBytes,
} from '../left-archive.ts';
import type { VolatileStorage } from '../volatile-storage.ts';

const segment = {
  number: 1,
  batches: [
    [1, 3],
    [4, 6],
  ],
} as const;
const path = pathOf(segment);
const fileName = path.slice(path.lastIndexOf('/') + 1);
const temporary = `${damagedFolder}/${fileName}.tmp`;

function surveyOf(storage: VolatileStorage) {
  return (below: string) => {
    const file = storage.open(`${outputDir}/${below}`, 'read');
    const survey = surveySegment(storage, file, nativeDecompress());
    storage.close(file);
    return survey;
  };
}

function withTemporary(bytes: Uint8Array): VolatileStorage {
  const storage = emptyArchive();
  storage.makeFolder(`${outputDir}/${damagedFolder}`);
  storage.put(`${outputDir}/${temporary}`, bytes);
  return storage;
}

describe('setAside', () => {
  it('some batches: stand in the old place, and the original in the other', () => {
    const storage = emptyArchive();
    putSegment(storage, segment);
    const { schemaBytes, batches } = surveyOf(storage)(path);
    const kept = { schemaBytes, batches: batches.slice(1) };
    const aside = setAside(storage, outputDir, path, kept);
    assert.deepEqual(aside, { path, damagedPath: `${damagedFolder}/${fileName}`, keptBatches: 1 });
    assert.deepEqual(rowsOf(storage, path), [4, 5, 6]);
    assert.deepEqual(rowsOf(storage, aside.damagedPath), [1, 2, 3, 4, 5, 6]);
    assert.equal(namesOf(storage).length, 2);
  });

  it('what an earlier try has begun: is written anew', () => {
    const storage = withTemporary(Buffer.from('begun'));
    putSegment(storage, segment);
    const { schemaBytes, batches } = surveyOf(storage)(path);
    setAside(storage, outputDir, path, { schemaBytes, batches });
    assert.deepEqual(Buffer.from(storage.bytesOf(`${outputDir}/${path}`)), segmentBytes(segment));
  });
});

describe('finishSetAsides', () => {
  it('nothing begun, or no folder: does nothing', () => {
    const storage = emptyArchive();
    assert.deepEqual(finishSetAsides(storage, outputDir, surveyOf(storage)), []);
  });

  it('a whole replacement without its segment: takes the place', () => {
    const storage = withTemporary(segmentBytes(segment));
    const [finished] = finishSetAsides(storage, outputDir, surveyOf(storage));
    assert.deepEqual([finished?.path, finished?.keptBatches], [path, 2]);
    assert.deepEqual(namesOf(storage), [path]);
  });

  it('a replacement whose segment is there, or that is not whole: goes', () => {
    const besides = withTemporary(segmentBytes(segment));
    putSegment(besides, segment);
    const begun = withTemporary(segmentBytes(segment).subarray(0, -8));
    for (const storage of [besides, begun]) {
      assert.deepEqual(finishSetAsides(storage, outputDir, surveyOf(storage)), []);
      assert.ok(!namesOf(storage).includes(temporary));
    }
  });

  it('other files there: are left alone', () => {
    const storage = withTemporary(segmentBytes(segment));
    storage.put(`${outputDir}/${damagedFolder}/notes.tmp`, Buffer.from('mine'));
    finishSetAsides(storage, outputDir, surveyOf(storage));
    assert.ok(namesOf(storage).includes(`${damagedFolder}/notes.tmp`));
  });
});
