/** Shows where a start goes on after all that an earlier run may have left. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Checkpoint, writeCheckpoint } from '../../src/disk/checkpoint.ts';
import { planStart } from '../../src/disk/recovery.ts';
import { SegmentWriter } from '../../src/disk/segment-writer.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { exampleBatch, exampleRows, exampleSchemaMessage } from './example-batch.ts';
import { FaultStorage } from './fault-storage.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';
const otherId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

interface WrittenSegment {
  readonly number: number;
  readonly from: bigint;
  readonly to: bigint;
  readonly recorder?: string;
  readonly lane?: number;
  readonly isSealed?: boolean;
  /** Bytes cut off its end. */
  readonly cutBytes?: number;
}

/** A segment of two batches, the second of which completes `to` alone; returns its path. */
function writeSegment(outputDir: string, segment: WrittenSegment): string {
  const { number, from, to, recorder = recorderId, lane = 0 } = segment;
  const writer = new SegmentWriter({
    storage: nodeStorage,
    outputDir,
    signal: 'traces',
    lane,
    recorderId: recorder,
    schemaMessage: exampleSchemaMessage(),
    limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
    nextNumber: () => number,
  });
  writer.append(exampleBatch(exampleRows(0, 3)), { from, to: to - 1n });
  writer.append(exampleBatch(exampleRows(3, 3)), { from: to, to });
  const { path, bytes } = writer.active!;
  if (segment.isSealed ?? true) writer.seal();
  if (segment.cutBytes) truncateSync(join(outputDir, path), bytes - segment.cutBytes);
  return path;
}

function checkpoint(change: Partial<Checkpoint> & { nextPosition?: bigint }): Checkpoint {
  const archived = { traces: 0n, metrics: 0n, logs: 0n };
  const { nextPosition = 1n, ...fields } = change;
  return {
    recorder: recorderId,
    nextSegmentNumber: 1,
    oldestOpenNumber: 1,
    lanes: [{ lane: 0, nextPosition, archived }],
    ...fields,
  };
}

function putCheckpoint(outputDir: string, value: Checkpoint): void {
  mkdirSync(join(outputDir, '.archer'), { recursive: true });
  writeCheckpoint(nodeStorage, outputDir, value);
}

function plan(outputDir: string, lane = 0) {
  return planStart(nodeStorage, outputDir, recorderId, lane);
}

describe('planStart', () => {
  it('an empty directory, or none: starts at 1', () => {
    const first = { nextPosition: 1n, nextSegmentNumber: 1, unsealed: [], checkpoint: 'absent' };
    assert.deepEqual(plan(newFolder()), first);
    assert.deepEqual(plan(join(newFolder(), 'absent')), first);
  });

  it('sealed segments without a checkpoint: are gone on behind', () => {
    const outputDir = newFolder();
    writeSegment(outputDir, { number: 1, from: 1n, to: 5n });
    writeSegment(outputDir, { number: 2, from: 6n, to: 9n });
    assert.deepEqual(plan(outputDir), {
      nextPosition: 10n,
      nextSegmentNumber: 3,
      unsealed: [],
      checkpoint: 'absent',
    });
  });

  it('a damaged checkpoint: is as good as none, and is told', () => {
    const outputDir = newFolder();
    putCheckpoint(outputDir, checkpoint({ nextPosition: 7n, nextSegmentNumber: 50 }));
    writeFileSync(join(outputDir, '.archer', 'checkpoint'), 'x', { flag: 'a' });
    writeSegment(outputDir, { number: 2, from: 1n, to: 3n });
    const { nextPosition, nextSegmentNumber, checkpoint: state } = plan(outputDir);
    assert.deepEqual([nextPosition, nextSegmentNumber, state], [4n, 3, 'damaged']);
  });

  it('all segments deleted: numbers and positions still go on behind the checkpoint', () => {
    const outputDir = newFolder();
    const written = checkpoint({ nextPosition: 100n, nextSegmentNumber: 12, oldestOpenNumber: 12 });
    putCheckpoint(outputDir, written);
    assert.deepEqual(plan(outputDir), {
      nextPosition: 100n,
      nextSegmentNumber: 12,
      unsealed: [],
      checkpoint: written,
    });
  });

  it('a segment that went on after the checkpoint: counts', () => {
    const outputDir = newFolder();
    const path = writeSegment(outputDir, { number: 3, from: 50n, to: 200n, isSealed: false });
    const written = { nextPosition: 100n, nextSegmentNumber: 4, oldestOpenNumber: 3 };
    putCheckpoint(outputDir, checkpoint(written));
    const { nextPosition, nextSegmentNumber, unsealed } = plan(outputDir);
    assert.deepEqual([nextPosition, nextSegmentNumber], [201n, 4]);
    assert.deepEqual(
      unsealed.map((segment) => [segment.path, segment.end.state]),
      [[path, 'open']],
    );
  });

  it('a segment behind the checkpoint: is not read again', () => {
    const outputDir = newFolder();
    writeSegment(outputDir, { number: 1, from: 1n, to: 5n });
    writeSegment(outputDir, { number: 2, from: 6n, to: 8n, isSealed: false });
    const written = { nextPosition: 20n, nextSegmentNumber: 3, oldestOpenNumber: 3 };
    putCheckpoint(outputDir, checkpoint(written));
    const storage = new FaultStorage();
    const { unsealed } = planStart(storage, outputDir, recorderId, 0);
    assert.deepEqual(unsealed, []);
    assert.deepEqual(
      storage.calls.filter((call) => call.startsWith('open')),
      ['open checkpoint'],
    );
  });

  it('a file with a greater number than the checkpoint knows: is never met', () => {
    const outputDir = newFolder();
    putCheckpoint(outputDir, checkpoint({ nextPosition: 5n, nextSegmentNumber: 4 }));
    writeSegment(outputDir, { number: 9, from: 1n, to: 2n });
    const { nextPosition, nextSegmentNumber } = plan(outputDir);
    assert.deepEqual([nextPosition, nextSegmentNumber], [5n, 10]);
  });

  it("another recorder's segments: take numbers, not positions, and are not unsealed", () => {
    const outputDir = newFolder();
    writeSegment(outputDir, { number: 1, from: 1n, to: 5n });
    const foreign = { from: 1n, to: 5000n, recorder: otherId };
    writeSegment(outputDir, { ...foreign, number: 7 });
    writeSegment(outputDir, { ...foreign, number: 8, isSealed: false });
    const { nextPosition, nextSegmentNumber, unsealed } = plan(outputDir);
    assert.deepEqual([nextPosition, nextSegmentNumber, unsealed], [6n, 9, []]);
  });

  it('lanes: have positions of their own', () => {
    const outputDir = newFolder();
    writeSegment(outputDir, { number: 1, from: 1n, to: 5n });
    writeSegment(outputDir, { number: 2, from: 1n, to: 70n, lane: 1 });
    assert.equal(plan(outputDir, 0).nextPosition, 6n);
    assert.equal(plan(outputDir, 1).nextPosition, 71n);
    assert.equal(plan(outputDir, 2).nextPosition, 1n);
  });

  it('a torn segment: counts up to its last whole batch, and stays as it is', () => {
    const outputDir = newFolder();
    const torn = { number: 1, from: 1n, to: 9n, isSealed: false, cutBytes: 1 };
    const path = writeSegment(outputDir, torn);
    const bytes = nodeStorage.stat(join(outputDir, path))?.bytes;
    const { nextPosition, unsealed } = plan(outputDir);
    assert.equal(nextPosition, 9n);
    assert.equal(unsealed[0]?.path, path);
    assert.equal(unsealed[0]?.end.state, 'torn');
    assert.equal(nodeStorage.stat(join(outputDir, path))?.bytes, bytes);
  });

  it('positions that fall within a segment, as nobody writes them: the greatest counts', () => {
    const outputDir = newFolder();
    const path = join(outputDir, writeSegment(outputDir, { number: 1, from: 1n, to: 9n }));
    const bytes = readFileSync(path, 'latin1');
    assert.ok(bytes.includes('"from":"9","to":"9"'));
    writeFileSync(path, bytes.replace('"from":"9","to":"9"', '"from":"1","to":"1"'), 'latin1');
    assert.equal(plan(outputDir).nextPosition, 9n);
  });

  it('segments torn in the schema or without a byte: only take their numbers', () => {
    const outputDir = newFolder();
    const first = writeSegment(outputDir, { number: 1, from: 1n, to: 9n, isSealed: false });
    const second = writeSegment(outputDir, { number: 2, from: 10n, to: 19n, isSealed: false });
    truncateSync(join(outputDir, first), 0);
    truncateSync(join(outputDir, second), 100);
    const { nextPosition, nextSegmentNumber, unsealed } = plan(outputDir);
    assert.deepEqual([nextPosition, nextSegmentNumber], [1n, 3]);
    assert.deepEqual(
      unsealed.map(({ end }) => [end.state, end.offset]),
      [
        ['torn', 0],
        ['torn', 0],
      ],
    );
  });

  it('asked again, and nothing happened between: says the same', () => {
    const outputDir = newFolder();
    writeSegment(outputDir, { number: 4, from: 1n, to: 9n, isSealed: false, cutBytes: 9 });
    assert.deepEqual(plan(outputDir), plan(outputDir));
    rmSync(join(outputDir, 'traces'), { recursive: true });
    assert.equal(plan(outputDir).nextSegmentNumber, 1);
  });
});
