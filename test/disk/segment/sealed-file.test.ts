/**
 * Shows that a sealed stream becomes an Arrow IPC file of the same bytes, despite any interruption.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecordBatchFileReader, RecordBatchReader } from 'apache-arrow';
import '../arrow-stream.ts';
import { fileMagic } from '../../../src/disk/ipc/ipc-file-format.ts';
import { readMessages } from '../../../src/disk/ipc/ipc-reader.ts';
import { sealAsFile } from '../../../src/disk/segment/sealed-file.ts';
import { seededRandom } from '../../random.ts';
import { fileOf, putStaged, stagedPath } from '../arrow-file.ts';
import { Death, dyingStorage } from '../dying-storage.ts';
import { FaultStorage } from '../fault-storage.ts';
import { finish } from '../finish.ts';
import {
  emptyArchive,
  namesOf,
  outputDir,
  pathOf,
  range,
  recover,
  rowsOf,
  segmentBytes,
} from '../left-archive.ts';
import { memoryFile } from '../memory-file.ts';

const segment = {
  number: 1,
  batches: [
    [1, 3],
    [4, 9],
    [10, 10],
  ],
} as const;
const stream = segmentBytes(segment);
const path = pathOf(segment);

describe('sealAsFile', () => {
  it('a sealed stream: is followed by a footer, and each byte of it stays', () => {
    const file = fileOf(stream);
    assert.deepEqual(file.subarray(0, 8), Buffer.from(fileMagic));
    assert.deepEqual(file.subarray(8, 8 + stream.length), stream);
    assert.equal(file.subarray(-6).toString(), 'ARROW1');
  });

  it('apache-arrow: reads it by its footer, batch by batch', () => {
    const reader = RecordBatchReader.from(fileOf(stream));
    assert.ok(reader instanceof RecordBatchFileReader);
    reader.open();
    assert.equal(reader.numRecordBatches, 3);
    const rows = [2, 0, 1].map((index) => {
      const ids = reader.readRecordBatch(index)?.getChild('batch_id');
      return Array.from(ids ?? [], Number);
    });
    assert.deepEqual(rows, [[10], range(1, 3), range(4, 9)]);
    assert.equal(reader.schema.metadata.get('otlp.archive.schema'), 'things/1');
    const expected = RecordBatchReader.from(stream).open().schema;
    assert.deepEqual(reader.schema.fields.map(String), expected.fields.map(String));
  });

  it('compressed batches: are copied, and read the same', () => {
    const zstd = segmentBytes({ ...segment, options: { compression: 'zstd' } });
    const ids = [...RecordBatchReader.from(fileOf(zstd))].flatMap((batch) =>
      Array.from(batch.getChild('batch_id') ?? [], Number),
    );
    assert.deepEqual(ids, range(1, 10));
  });

  it('what batches say of themselves: is read in the file as in the stream', () => {
    const entries = (bytes: Uint8Array) =>
      [...readMessages(memoryFile(bytes), 0)].map((item) =>
        item.kind === 'end' ? item.state : [item.kind, item.rows, [...item.customMetadata]],
      );
    assert.deepEqual(entries(fileOf(stream)), entries(stream));
  });

  it('the stream goes, the file comes, and nothing else stays', () => {
    const storage = emptyArchive();
    assert.equal(finish(sealAsFile(storage, outputDir, putStaged(storage, 1, stream))), path);
    assert.deepEqual(namesOf(storage), [path]);
    assert.deepEqual(rowsOf(storage, path), range(1, 10));
  });

  it('a stream that is not sealed, or torn: stays', () => {
    for (const bytes of [stream.length - 8, stream.length - 20, 0]) {
      const storage = emptyArchive();
      const staged = putStaged(storage, 1, stream.subarray(0, bytes));
      assert.equal(finish(sealAsFile(storage, outputDir, staged)), undefined);
      assert.deepEqual(namesOf(storage), [staged]);
    }
  });

  it('a path that is taken, absent or not staged: nothing is done', () => {
    const storage = emptyArchive();
    const staged = putStaged(storage, 1, stream);
    storage.put(`${outputDir}/${path}`, Buffer.from('of somebody else'));
    assert.equal(finish(sealAsFile(storage, outputDir, staged)), undefined);
    assert.equal(finish(sealAsFile(storage, outputDir, path)), undefined);
    const absent = stagedPath(pathOf({ number: 7 }));
    assert.equal(finish(sealAsFile(storage, outputDir, absent)), undefined);
    assert.deepEqual(namesOf(storage).sort(), [path, staged].sort());
  });

  it('a stream that somebody deletes meanwhile: does not come back', () => {
    const storage = emptyArchive();
    const staged = putStaged(storage, 1, stream);
    const steps = sealAsFile(storage, outputDir, staged);
    for (let step = 0; step < 5; step++) assert.equal(steps.next().done, false);
    storage.remove(`${outputDir}/${staged}`);
    assert.equal(finish(steps), undefined);
    assert.deepEqual(namesOf(storage), []);
  });

  it('given up in between: leaves the stream and nothing else', () => {
    const storage = emptyArchive();
    const staged = putStaged(storage, 1, stream);
    const steps = sealAsFile(storage, outputDir, staged);
    for (let step = 0; step < 5; step++) assert.equal(steps.next().done, false);
    steps.return(undefined);
    assert.deepEqual(namesOf(storage), [staged]);
  });

  it('a disk that fails at any call: leaves the stream or the file, and a second try does it', () => {
    const operations = ['open', 'write', 'syncData', 'rename', 'syncFolder', 'remove'] as const;
    for (const operation of operations) {
      for (let callsBefore = 0; callsBefore < 3; callsBefore++) {
        const disk = emptyArchive();
        const staged = putStaged(disk, 1, stream);
        const storage = new FaultStorage(disk);
        storage.failOnce(operation, 'ENOSPC', { callsBefore });
        try {
          finish(sealAsFile(storage, outputDir, staged));
        } catch (error) {
          assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
        }
        assert.equal(storage.openCount, 0);
        const names = namesOf(disk).filter((name) => !name.endsWith('.tmp'));
        assert.ok(names.includes(staged) || names.includes(path));
        for (const name of names) assert.deepEqual(rowsOf(disk, name), range(1, 10));
      }
    }
  });

  it('killed at any call, power lost or not: a start finds every row once, and no remains', () => {
    const random = seededRandom();
    for (let callsBefore = 0; ; callsBefore++) {
      const disk = emptyArchive();
      const staged = putStaged(disk, 1, stream);
      let isKilled = false;
      try {
        finish(sealAsFile(dyingStorage(disk, callsBefore), outputDir, staged));
      } catch (error) {
        assert.ok(error instanceof Death);
        isKilled = true;
      }
      if (random.below(2) === 0) disk.losePower(random);
      const recovery = recover(disk);
      assert.deepEqual(recovery.report.setAside, []);
      assert.equal(recovery.nextPosition, 11n);
      const names = namesOf(disk);
      assert.equal(names.length, 1, names.join());
      assert.deepEqual(rowsOf(disk, names[0]!), range(1, 10));
      if (names[0] === staged) finish(sealAsFile(disk, outputDir, staged));
      assert.deepEqual(namesOf(disk), [path]);
      if (!isKilled) return;
    }
  });
});
