/** Shows that the work is done piece by piece, and that none is done while a lane recovers. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCatalogue } from '../../src/disk/catalogue/catalogue-file.ts';
import { sealedPath } from '../../src/disk/layout.ts';
import { writeCheckpoint } from '../../src/disk/segment/checkpoint.ts';
import { SegmentWriter } from '../../src/disk/segment/segment-writer.ts';
import type { Storage } from '../../src/disk/storage.ts';
import { type RetentionSettings, SealedSegments } from '../../src/retention/sealed-segments.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { signals } from '../../src/shared/signal.ts';
import { stagedPath } from '../disk/arrow-file.ts';
import {
  exampleBatch,
  exampleRows,
  exampleSchemaMessage,
  exampleTime,
} from '../disk/example-batch.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';

const newFolder = temporaryFolders();
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';
const hourMs = 3_600_000;
const never = '0 0 1 1 *';

const settings: RetentionSettings = {
  limits: { ageMaxMs: { traces: 0, metrics: 0, logs: 0 }, bytesMax: 0, freeBytesMin: 0 },
  sweepSchedule: never,
  rotationSchedule: undefined,
};
const anHour: RetentionSettings = {
  ...settings,
  limits: { ...settings.limits, ageMaxMs: { traces: hourMs, metrics: 0, logs: 0 } },
};

class Run {
  readonly outputDir = newFolder();
  readonly clock = new ManualClock(Number(exampleTime / 1_000_000n));
  readonly messages: string[] = [];
  rotations = 0;
  isDiskHanging = false;
  #number = 0;

  constructor() {
    mkdirSync(join(this.outputDir, '.archer'));
  }

  /**
   * Seals a stream and returns its path. A staged stream's name says that it will become a file.
   */
  seal(isStaged = false, recorder = recorderId): string {
    this.#number += 1;
    const position = BigInt(this.#number);
    const writer = new SegmentWriter({
      storage: unsyncedStorage,
      outputDir: this.outputDir,
      signal: 'traces',
      lane: 0,
      recorderId: recorder,
      schemaMessage: exampleSchemaMessage(),
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
      nextNumber: () => this.#number,
    });
    const batch = exampleBatch(exampleRows(0, 9), { receivedTime: this.clock.unixNs() });
    writer.append(batch, { from: position, to: position });
    const { path } = writer.seal()!;
    const archived = { traces: position, metrics: 0n, logs: 0n };
    writeCheckpoint(unsyncedStorage, this.outputDir, {
      recorder: recorderId,
      nextSegmentNumber: this.#number + 1,
      oldestOpenNumber: this.#number + 1,
      lanes: [{ lane: 0, nextPosition: position + 1n, archived }],
    });
    if (!isStaged) return path;
    const staged = stagedPath(path);
    unsyncedStorage.rename(join(this.outputDir, path), join(this.outputDir, staged));
    return staged;
  }

  open(
    change: Partial<RetentionSettings> = {},
    storage: Storage = unsyncedStorage,
  ): SealedSegments {
    const keeper = this.make(change, storage);
    void keeper.prepare(recorderId);
    keeper.resume();
    return keeper;
  }

  make(change: Partial<RetentionSettings>, storage: Storage = unsyncedStorage): SealedSegments {
    return new SealedSegments({
      ...{ storage, outputDir: this.outputDir, signals, clock: this.clock },
      journal: { write: (_, message) => this.messages.push(message) },
      settings: { ...settings, ...change },
      onDeleting: () => () => {},
      isDiskHanging: () => this.isDiskHanging,
      rotate: async () => {
        this.rotations += 1;
      },
    });
  }

  names(): string[] {
    const names = readdirSync(join(this.outputDir, 'traces'), { recursive: true });
    return names.map((name) => basename(String(name))).filter((name) => name.includes('arrow'));
  }
}

describe('SealedSegments', () => {
  it('at its start: the catalogue is filled, a sweep runs, and what is known is kept', async () => {
    const run = new Run();
    run.seal();
    run.clock.advance(2 * hourMs);
    const path = run.seal();
    const keeper = run.open(anHour);
    await keeper.settled();
    assert.deepEqual(
      keeper.segments.map((segment) => segment.path),
      [path],
    );
    assert.deepEqual(run.names(), [basename(path)]);
    assert.equal(keeper.retentionCounts[0]?.segments, 1);
    await keeper.close();
    assert.deepEqual([...readCatalogue(unsyncedStorage, run.outputDir).keys()], [path]);
  });

  it('before a lane has recovered: only a disk without room is swept', async () => {
    const run = new Run();
    const path = run.seal();
    run.clock.advance(2 * hourMs);
    const keeper = run.make(anHour);
    await keeper.prepare(recorderId);
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(path)]);
    const limits = { ...settings.limits, freeBytesMin: Number.MAX_SAFE_INTEGER };
    const full = run.make({ limits });
    await full.prepare(recorderId);
    assert.deepEqual(run.names(), []);
    await full.close();
    await keeper.close();
  });
});

describe('SealedSegments: streams that become files', () => {
  it('a segment that is sealed: is known, and one to become a file becomes one', async () => {
    const run = new Run();
    const keeper = run.open();
    const path = run.seal();
    keeper.sealed(path);
    const staged = run.seal(true);
    keeper.sealed(staged);
    const target = sealedPath(staged)!;
    assert.deepEqual(await keeper.finalPaths([staged, path]), [target, path]);
    await keeper.settled();
    assert.deepEqual(keeper.segments.map((one) => one.path).sort(), [path, target].sort());
    assert.deepEqual(run.names().sort(), [basename(path), basename(target)].sort());
    await keeper.close();
  });

  it('closed: what is staged becomes a file first, and nothing else is waited for', async () => {
    const run = new Run();
    run.seal();
    const keeper = run.open();
    const staged = run.seal(true);
    keeper.sealed(staged);
    await keeper.close();
    assert.ok(run.names().includes(basename(sealedPath(staged)!)));
    assert.ok(!run.names().includes(basename(staged)));
  });

  it('streams that an earlier run left: become files', async () => {
    const run = new Run();
    const staged = run.seal(true);
    const keeper = run.open();
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(sealedPath(staged)!)]);
    await keeper.close();
  });

  it('streams of another recorder: stay as they are', async () => {
    const run = new Run();
    const staged = run.seal(true, '00000000-0000-4000-8000-000000000000');
    const keeper = run.open();
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(staged)]);
    await keeper.close();
  });

  it('too little room for a rewrite: the stream stays, and becomes a file once there is', async () => {
    const run = new Run();
    const staged = run.seal(true);
    const bytes = statSync(join(run.outputDir, staged)).size;
    let freeBytes = 1000 + bytes - 1;
    const storage: Storage = { ...unsyncedStorage, freeBytes: () => freeBytes };
    const limits = { ...settings.limits, freeBytesMin: 1000 };
    const keeper = run.open({ limits }, storage);
    await keeper.settled();
    keeper.sealed(staged);
    assert.deepEqual(await keeper.finalPaths([staged]), [staged]);
    assert.deepEqual(run.names(), [basename(staged)]);
    freeBytes += 1;
    await keeper.sweep();
    assert.deepEqual(run.names(), [basename(sealedPath(staged)!)]);
    await keeper.close();
  });

  it('a disk that fails while a stream is rewritten: the next sweep tries again', async () => {
    const run = new Run();
    const storage = new FaultStorage();
    const keeper = run.open({}, storage);
    await keeper.settled();
    const staged = run.seal(true);
    storage.failOnce('write', 'ENOSPC');
    keeper.sealed(staged);
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(staged)]);
    assert.match(run.messages.join(), /ENOSPC/);
    assert.deepEqual(
      keeper.segments.map(({ path }) => path),
      [staged],
    );
    await keeper.sweep();
    assert.deepEqual(run.names(), [basename(sealedPath(staged)!)]);
    await keeper.close();
    assert.equal(storage.openCount, 0);
  });

  it('while it is paused: nothing is touched, and afterwards everything is done', async () => {
    const run = new Run();
    run.seal();
    run.clock.advance(2 * hourMs);
    const keeper = run.open(anHour);
    keeper.pause();
    const staged = run.seal(true);
    keeper.sealed(staged);
    await keeper.sweep();
    assert.equal(run.names().length, 2);
    keeper.resume();
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(sealedPath(staged)!)]);
    await keeper.close();
  });

  it('paused in the middle of a rewrite: it is given up, and done later', async () => {
    const run = new Run();
    const storage = new FaultStorage();
    const keeper = run.open({}, storage);
    await keeper.settled();
    const staged = run.seal(true);
    const inner = storage.write;
    storage.write = (...args) => {
      keeper.pause();
      return inner(...args);
    };
    keeper.sealed(staged);
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(staged)]);
    assert.equal(readdirSync(join(run.outputDir, '.archer', 'sealing')).length, 0);
    storage.write = inner;
    keeper.resume();
    await keeper.settled();
    assert.deepEqual(run.names(), [basename(sealedPath(staged)!)]);
    await keeper.close();
  });

  it('a lane is to recover in the middle of a rewrite: it begins when that is given up', async () => {
    const run = new Run();
    const storage = new FaultStorage();
    const keeper = run.open({}, storage);
    await keeper.settled();
    const staged = run.seal(true);
    const inner = storage.write;
    const openCount = await new Promise<number>((resolve) => {
      storage.write = (...args) => {
        keeper.pause();
        void keeper.prepare(recorderId).then(() => resolve(storage.openCount));
        return inner(...args);
      };
      keeper.sealed(staged);
    });
    assert.equal(openCount, 0);
    assert.deepEqual(readdirSync(join(run.outputDir, '.archer', 'sealing')), []);
    await keeper.close();
  });
});

/** Some tests wait for seconds to pass, so they run concurrently. */
describe('SealedSegments: what is told to it', { concurrency: true }, () => {
  it('a sweep: notices segments that others deleted or added', async () => {
    const run = new Run();
    const path = run.seal();
    const segments = run.open();
    await segments.settled();
    rmSync(join(run.outputDir, path));
    await segments.sweep();
    assert.equal(segments.segments.length, 0);
    const other = run.seal();
    await segments.sweep();
    assert.deepEqual(
      segments.segments.map((one) => one.path),
      [other],
    );
    rmSync(join(run.outputDir, 'traces'), { recursive: true });
    await segments.sweep();
    assert.equal(segments.segments.length, 0);
    await segments.close();
  });

  it('a reload: what the new settings ask is done at once', async () => {
    const run = new Run();
    run.seal();
    run.clock.advance(2 * hourMs);
    const keeper = run.open();
    await keeper.settled();
    assert.equal(run.names().length, 1);
    keeper.reconfigure(anHour);
    await keeper.settled();
    assert.equal(run.names().length, 0);
    await keeper.close();
  });

  it('the schedules: sweep and rotate, and those of a reload take their place', async () => {
    const run = new Run();
    const everySecond = '* * * * * *';
    const keeper = run.open({
      ...anHour,
      sweepSchedule: everySecond,
      rotationSchedule: everySecond,
    });
    await keeper.settled();
    const path = run.seal();
    keeper.sealed(path);
    run.clock.advance(2 * hourMs);
    const isDeleted = () => !existsSync(join(run.outputDir, path));
    while (!isDeleted() || run.rotations === 0) await sleep(20);
    keeper.reconfigure(settings);
    const { rotations } = run;
    await sleep(1100);
    assert.equal(run.rotations, rotations);
    await keeper.close();
  });

  it('little free space: the oldest segment goes, and not only when a sweep is due', async () => {
    const run = new Run();
    const path = run.seal();
    run.clock.advance(2 * hourMs);
    let freeBytes = 1000;
    const storage: Storage = { ...unsyncedStorage, freeBytes: () => freeBytes };
    const limits = { ...settings.limits, freeBytesMin: 500 };
    const keeper = run.open({ limits }, storage);
    await keeper.settled();
    assert.ok(existsSync(join(run.outputDir, path)));
    freeBytes = 400;
    // No sweep is scheduled, so this loop ends only if free space is checked without a schedule.
    while (existsSync(join(run.outputDir, path))) await sleep(20);
    await keeper.close();
  });
});
