/**
 * Shows that the checkpoint is never behind an assigned number and never ahead of a segment on
 * disk.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { recoverSegments } from '../../../src/disk/recovery/recovery.ts';
import {
  type Checkpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../../src/disk/segment/checkpoint.ts';
import { CheckpointWriter } from '../../../src/disk/segment/checkpoint-writer.ts';
import { SegmentWriter } from '../../../src/disk/segment/segment-writer.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { seededRandom } from '../../random.ts';
import { exampleBatch, exampleRows, exampleSchemaMessage } from '../example-batch.ts';
import { FaultStorage } from '../fault-storage.ts';
import { finish } from '../finish.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** One run of a recorder from its start, with its parts joined as in the composition root. */
class Run {
  readonly storage = new FaultStorage();
  readonly outputDir: string;
  readonly keeper: CheckpointWriter;
  readonly writers = new Map<Signal, SegmentWriter>();
  nextPosition: bigint;

  constructor(outputDir: string) {
    const { storage } = this;
    this.outputDir = outputDir;
    mkdirSync(join(outputDir, '.archer'), { recursive: true });
    const start = finish(recoverSegments(storage, outputDir, recorderId, 0));
    this.nextPosition = start.nextPosition;
    this.keeper = new CheckpointWriter({
      storage,
      outputDir,
      recorderId,
      lane: 0,
      start,
      nextPosition: () => this.nextPosition,
    });
    for (const signal of signals) this.writers.set(signal, this.#openWriter(signal));
  }

  append(signal: Signal): void {
    const position = this.nextPosition++;
    const batch = exampleBatch(exampleRows(0, 1), { compression: 'none' });
    this.writers.get(signal)?.append(batch, { from: position, to: position });
  }

  checkpoint(): Checkpoint {
    const checkpoint = readCheckpoint(this.storage, this.outputDir);
    assert.ok(typeof checkpoint !== 'string');
    return checkpoint;
  }

  #openWriter(signal: Signal): SegmentWriter {
    return new SegmentWriter({
      storage: this.storage,
      outputDir: this.outputDir,
      signal,
      lane: 0,
      recorderId,
      schemaMessage: exampleSchemaMessage(),
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
      nextNumber: () => this.keeper.takeNumber(signal),
      onSealed: (segment) => this.keeper.sealed(signal, segment.lastPosition),
      onLeft: (segment) => this.keeper.left(segment.number),
    });
  }
}

describe('CheckpointWriter', () => {
  it('a number: is used up before it is given out, also when its file is deleted', () => {
    const outputDir = newFolder();
    const run = new Run(outputDir);
    assert.equal(run.keeper.takeNumber('traces'), 1);
    assert.equal(run.checkpoint().nextSegmentNumber, 2);
    assert.equal(new Run(outputDir).keeper.takeNumber('logs'), 2);
    assert.equal(new Run(outputDir).keeper.takeNumber('traces'), 3);
  });

  it('the start: is written at once', () => {
    const outputDir = newFolder();
    const first = new Run(outputDir);
    first.append('traces');
    first.append('traces');
    assert.equal(first.checkpoint().lanes[0]?.nextPosition, 2n);
    const second = new Run(outputDir);
    assert.equal(second.checkpoint().lanes[0]?.nextPosition, 3n);
    assert.equal(second.checkpoint().oldestOpenNumber, 1);
  });

  it('settle: only then need the segments of earlier runs not be looked at again', () => {
    const outputDir = newFolder();
    new Run(outputDir).append('traces');
    const second = new Run(outputDir);
    second.append('logs');
    assert.equal(second.checkpoint().oldestOpenNumber, 1);
    second.writers.get('logs')?.seal();
    second.keeper.settle(2n);
    const { oldestOpenNumber, lanes } = second.checkpoint();
    assert.equal(oldestOpenNumber, 3);
    assert.deepEqual(lanes[0]?.archived, { traces: 2n, metrics: 2n, logs: 2n });
  });

  it('a checkpoint that cannot be written: gives no number, and the next try the same', () => {
    const run = new Run(newFolder());
    run.storage.failOnce('write', 'ENOSPC');
    assert.throws(() => run.keeper.takeNumber('traces'), { code: 'ENOSPC' });
    assert.equal(run.keeper.takeNumber('traces'), 1);
  });

  it('a sealed segment: moves its signal on, and the oldest open number where it was that', () => {
    const run = new Run(newFolder());
    run.keeper.settle(0n);
    run.append('traces');
    run.append('logs');
    run.append('traces');
    assert.equal(run.checkpoint().oldestOpenNumber, 1);
    run.writers.get('traces')?.seal();
    assert.deepEqual(run.checkpoint(), {
      recorder: recorderId,
      nextSegmentNumber: 3,
      oldestOpenNumber: 2,
      lanes: [{ lane: 0, nextPosition: 4n, archived: { traces: 3n, metrics: 0n, logs: 0n } }],
    });
    run.writers.get('logs')?.seal();
    assert.equal(run.checkpoint().oldestOpenNumber, 3);
  });

  it('a segment that is left behind: is looked at by the next start, whatever comes after it', () => {
    const outputDir = newFolder();
    const run = new Run(outputDir);
    run.keeper.settle(0n);
    run.append('traces');
    run.storage.failOnce('syncData', 'EIO');
    assert.throws(() => run.writers.get('traces')?.seal(), { code: 'EIO' });
    run.append('traces');
    assert.equal(run.checkpoint().oldestOpenNumber, 1);
    // If the process is killed here, the log may still have both positions.
    const found = finish(recoverSegments(run.storage, outputDir, recorderId, 0));
    assert.deepEqual([found.isArchived('traces', 1), found.isArchived('traces', 2)], [true, true]);
  });

  it('a file that could not be written and is gone: keeps nobody looking back', () => {
    const run = new Run(newFolder());
    run.keeper.settle(0n);
    run.storage.failOnce('write', 'ENOSPC', { callsBefore: 1 });
    assert.throws(() => run.append('traces'), { code: 'ENOSPC' });
    run.append('traces');
    run.writers.get('traces')?.seal();
    assert.equal(run.checkpoint().oldestOpenNumber, 3);
  });

  it('the next run: keeps what was archived, and other lanes', () => {
    const outputDir = newFolder();
    const first = new Run(outputDir);
    first.append('logs');
    first.writers.get('logs')?.seal();
    const archived = { traces: 8n, metrics: 0n, logs: 0n };
    const otherLane = { lane: 1, nextPosition: 9n, archived };
    const left = first.checkpoint();
    writeCheckpoint(first.storage, outputDir, { ...left, lanes: [...left.lanes, otherLane] });
    const second = new Run(outputDir);
    second.append('traces');
    assert.deepEqual(second.checkpoint().lanes, [
      { lane: 0, nextPosition: 3n, archived: { traces: 0n, metrics: 0n, logs: 1n } },
      otherLane,
    ]);
  });

  it('random histories with deaths and deletions: repeat no number and no position', () => {
    const random = seededRandom();
    for (let history = 0; history < 30; history++) {
      const outputDir = newFolder();
      const numbers = new Set<number>();
      let lastPosition = 0n;
      let run = new Run(outputDir);
      for (let step = 0; step < 40; step++) {
        const signal = signals[random.below(3)]!;
        const action = random.below(10);
        if (action < 6) {
          const before = run.writers.get(signal)?.active?.number;
          run.append(signal);
          const number = run.writers.get(signal)?.active?.number;
          assert.ok(number !== undefined && (number === before || !numbers.has(number)));
          numbers.add(number);
          lastPosition = run.nextPosition - 1n;
        } else if (action < 8) {
          run.writers.get(signal)?.seal();
        } else if (action < 9) {
          // An active file cannot be deleted without being noticed.
          if (run.writers.get(signal)?.active !== undefined) continue;
          rmSync(join(outputDir, signal), { recursive: true, force: true });
        } else {
          run = new Run(outputDir);
          assert.ok(run.nextPosition > lastPosition, 'a position would repeat');
        }
      }
    }
  });

  it('somebody takes the checkpoint away: restore writes the same again', () => {
    const run = new Run(newFolder());
    run.append('traces');
    const before = run.checkpoint();
    assert.equal(run.keeper.restore(), false);
    rmSync(join(run.outputDir, '.archer'), { recursive: true });
    assert.equal(run.keeper.restore(), true);
    assert.deepEqual(run.checkpoint(), { ...before, lanes: run.checkpoint().lanes });
  });
});
