/** Shows which segments a sweep deletes, which it never deletes, and what it logs. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { Catalogue } from '../../src/disk/catalogue/catalogue.ts';
import { writeCheckpoint } from '../../src/disk/segment/checkpoint.ts';
import { SegmentWriter } from '../../src/disk/segment/segment-writer.ts';
import { nodeStorage, type Storage } from '../../src/disk/storage.ts';
import type { RetentionLimits } from '../../src/retention/retention-plan.ts';
import { Sweeper } from '../../src/retention/sweeper.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type { JournalEntry } from '../../src/shared/journal.ts';
import { signals } from '../../src/shared/signal.ts';
import {
  exampleBatch,
  exampleRows,
  exampleSchemaMessage,
  exampleTime,
} from '../disk/example-batch.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { finish } from '../disk/finish.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';
const dayMs = 86_400_000;
const startMs = Number(exampleTime / 1_000_000n);
const unlimited: RetentionLimits = {
  ageMaxMs: { traces: 0, metrics: 0, logs: 0 },
  bytesMax: 0,
  freeBytesMin: 0,
};
const threeDays = { ...unlimited, ageMaxMs: { traces: 3 * dayMs, metrics: 0, logs: 0 } };

/** A directory with sealed and active segments, by default one sealed segment a day. */
class Archive {
  readonly outputDir = newFolder();
  readonly clock = new ManualClock(startMs);
  readonly entries: JournalEntry[] = [];
  readonly paths: string[] = [];
  /** The calls of onDeleting and of its result, in order. */
  readonly told: string[] = [];
  limits = unlimited;
  #position = 0n;

  /** Writes a segment, seals it unless `isSealed` is false, and returns its path. */
  seal(recorder = recorderId, isSealed = true): string {
    const writer = this.#writer(recorder);
    this.#position += 1n;
    const receivedTime = this.clock.unixNs();
    const batch = exampleBatch(exampleRows(0, 9), { receivedTime });
    writer.append(batch, { from: this.#position, to: this.#position });
    const { path } = isSealed ? writer.seal()! : writer.active!;
    this.paths.push(path);
    return path;
  }

  sealDaily(count: number): void {
    for (let day = 0; day < count; day++) {
      this.seal();
      this.clock.advance(dayMs);
    }
  }

  checkpoint(through = this.#position): void {
    mkdirSync(join(this.outputDir, '.archer'), { recursive: true });
    const archived = { traces: through, metrics: 0n, logs: 0n };
    writeCheckpoint(nodeStorage, this.outputDir, {
      recorder: recorderId,
      nextSegmentNumber: 99,
      oldestOpenNumber: 99,
      lanes: [{ lane: 0, nextPosition: through + 1n, archived }],
    });
  }

  open(storage: Storage = nodeStorage): { sweeper: Sweeper; catalogue: Catalogue } {
    const { outputDir, clock } = this;
    const catalogue = new Catalogue({ storage, outputDir, signals });
    while (catalogue.readNext());
    const sweeper = new Sweeper({
      ...{ storage, outputDir, signals, catalogue, clock },
      recorderId: () => recorderId,
      limits: () => this.limits,
      onDeleting: ({ path }) => {
        const number = this.paths.indexOf(path) + 1;
        this.told.push(`${number} ${this.left().includes(number)}`);
        return () => this.told.push(`${number} ${this.left().includes(number)}`);
      },
      journal: {
        write: (level, message, fields = {}) => this.entries.push({ level, message, fields }),
      },
    });
    return { sweeper, catalogue };
  }

  /** Returns the numbers of the segments that still exist. */
  left(): number[] {
    const isThere = (path: string) => existsSync(join(this.outputDir, path));
    return this.paths.flatMap((path, index) => (isThere(path) ? [index + 1] : []));
  }

  #writer(recorder: string): SegmentWriter {
    return new SegmentWriter({
      storage: nodeStorage,
      outputDir: this.outputDir,
      signal: 'traces',
      lane: 0,
      recorderId: recorder,
      schemaMessage: exampleSchemaMessage(),
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
      nextNumber: () => this.paths.length + 1,
    });
  }
}

/** Five days of segments. The clock is set after the last segment. */
function fiveDays(limits: RetentionLimits): Archive {
  const archive = new Archive();
  archive.sealDaily(5);
  archive.checkpoint();
  archive.limits = limits;
  return archive;
}

describe('Sweeper', () => {
  it('an age: the old segments and their folders go, and it is said and counted', () => {
    const archive = fiveDays(threeDays);
    const { sweeper, catalogue } = archive.open();
    const bytes = readFileSync(join(archive.outputDir, archive.paths[0]!)).length;
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [4, 5]);
    const told = [1, 2, 3].flatMap((number) => [`${number} true`, `${number} false`]);
    assert.deepEqual(archive.told, told);
    assert.equal(catalogue.segments.length, 2);
    assert.equal(readdirSync(join(archive.outputDir, 'traces')).length, 2);
    const counts = [{ signal: 'traces', reason: 'age', segments: 3, bytes: 3 * bytes }];
    assert.deepEqual(sweeper.counts, counts);
    const fields = { segments: 3, bytes: 3 * bytes, reasons: 'age' };
    const message = 'retention deleted segments';
    assert.deepEqual(archive.entries, [{ level: 'info', message, fields }]);
    finish(sweeper.sweep());
    assert.deepEqual(sweeper.counts, counts);
    assert.equal(archive.entries.length, 1);
  });

  it('time that passes: takes them one after the other, whatever the times of the files', () => {
    const archive = fiveDays({
      ...unlimited,
      ageMaxMs: { ...threeDays.ageMaxMs, traces: 9 * dayMs },
    });
    const { sweeper } = archive.open();
    for (const path of archive.paths) {
      utimesSync(join(archive.outputDir, path), new Date(0), new Date(0));
    }
    const seen: number[] = [];
    for (let day = 0; day < 11; day++) {
      finish(sweeper.sweep());
      seen.push(archive.left().length);
      archive.clock.advance(dayMs);
    }
    assert.deepEqual(seen, [5, 5, 5, 5, 4, 3, 2, 1, 0, 0, 0]);
  });

  it('bytes: the directory stays within the limit, the newest stay', () => {
    const archive = fiveDays(unlimited);
    const bytes = readFileSync(join(archive.outputDir, archive.paths[0]!)).length;
    archive.limits = { ...unlimited, bytesMax: 2 * bytes + 10 };
    finish(archive.open().sweeper.sweep());
    assert.deepEqual(archive.left(), [4, 5]);
  });

  it('little free space: the oldest go, and a warning says so', () => {
    const archive = fiveDays(unlimited);
    const bytes = readFileSync(join(archive.outputDir, archive.paths[0]!)).length;
    let files = 5;
    const storage: Storage = {
      ...nodeStorage,
      freeBytes: () => (10 - files) * bytes,
      remove: (path) => {
        nodeStorage.remove(path);
        files -= 1;
      },
    };
    const { sweeper } = archive.open(storage);
    assert.equal(sweeper.isSpaceLow, false);
    archive.limits = { ...unlimited, freeBytesMin: 7 * bytes };
    assert.equal(sweeper.isSpaceLow, true);
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [3, 4, 5]);
    assert.equal(sweeper.isSpaceLow, false);
    assert.deepEqual(
      archive.entries.map(({ level }) => level),
      ['warn'],
    );
    archive.limits = { ...unlimited, freeBytesMin: 99 * bytes };
    finish(sweeper.sweep());
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), []);
    assert.deepEqual(
      archive.entries.map(({ level }) => level),
      ['warn', 'warn', 'warn'],
    );
    assert.match(archive.entries[2]?.message ?? '', /free some space/);
  });

  it('segments that no checkpoint is past, active ones and those of others: stay', () => {
    const archive = new Archive();
    archive.sealDaily(2);
    archive.checkpoint();
    archive.seal();
    archive.seal('7c9e6679-7425-40de-944b-e07fc1f90ae7');
    archive.seal(recorderId, false);
    archive.clock.advance(99 * dayMs);
    archive.limits = { ...threeDays, bytesMax: 1, freeBytesMin: Number.MAX_SAFE_INTEGER };
    const { sweeper } = archive.open();
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [3, 4, 5]);
    rmSync(join(archive.outputDir, '.archer', 'checkpoint'));
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [3, 4, 5]);
  });

  it('foreign files and folders: stay, and keep their folder', () => {
    const archive = fiveDays(threeDays);
    const { outputDir, paths } = archive;
    const notes = join(outputDir, dirname(paths[0]!), 'notes.txt');
    writeFileSync(notes, 'mine');
    mkdirSync(join(outputDir, 'traces', 'old'));
    mkdirSync(join(outputDir, dirname(paths[1]!), 'empty'));
    finish(archive.open().sweeper.sweep());
    assert.deepEqual(archive.left(), [4, 5]);
    assert.equal(readFileSync(notes, 'utf8'), 'mine');
    assert.ok(existsSync(join(outputDir, 'traces', 'old')));
    assert.ok(existsSync(join(outputDir, dirname(paths[1]!), 'empty')));
    assert.ok(!existsSync(join(outputDir, dirname(paths[2]!))));
  });

  it('a link in the place of a file or a folder: nothing behind it is touched', () => {
    const archive = fiveDays(threeDays);
    const { outputDir, paths } = archive;
    const { sweeper } = archive.open();
    const elsewhere = newFolder();
    const [first, second] = paths.map((path) => join(outputDir, path));
    renameSync(first!, join(elsewhere, 'segment'));
    symlinkSync(join(elsewhere, 'segment'), first!);
    renameSync(dirname(second!), join(elsewhere, 'folder'));
    symlinkSync(join(elsewhere, 'folder'), dirname(second!));
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [1, 2, 4, 5]);
    assert.ok(existsSync(join(elsewhere, 'segment')));
    assert.equal(readdirSync(join(elsewhere, 'folder')).length, 1);
    assert.equal(sweeper.counts[0]?.segments, 1);
  });

  it('a file of the same name with another size: is not the one that was planned for', () => {
    const archive = fiveDays(threeDays);
    const { sweeper } = archive.open();
    writeFileSync(join(archive.outputDir, archive.paths[0]!), 'something else');
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [1, 4, 5]);
  });

  it('a file that cannot be deleted: is told once and tried again', () => {
    const archive = fiveDays(threeDays);
    const storage = new FaultStorage();
    const { sweeper } = archive.open(storage);
    storage.failOnce('remove', 'EPERM');
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [1, 4, 5]);
    storage.failOnce('remove', 'EPERM');
    finish(sweeper.sweep());
    assert.equal(archive.entries.filter(({ message }) => /cannot delete/.test(message)).length, 1);
    finish(sweeper.sweep());
    assert.deepEqual(archive.left(), [4, 5]);
  });

  it("today's folder and yesterday's of an hour ago: stay, empty or not", () => {
    const archive = new Archive();
    const { sweeper } = archive.open();
    const folders = ['20', '21', '22'].map((day) =>
      join(archive.outputDir, 'traces', `date=2026-11-${day}`),
    );
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    archive.clock.advance(Date.parse('2026-11-22T00:59:00Z') - startMs);
    finish(sweeper.sweep());
    assert.deepEqual(folders.map(existsSync), [false, true, true]);
    archive.clock.advance(120_000);
    finish(sweeper.sweep());
    assert.deepEqual(folders.map(existsSync), [false, false, true]);
  });
});

it('a clock that is set ahead: a segment of this run is kept until its time has passed', () => {
  const archive = new Archive();
  archive.limits = { ...archive.limits, ageMaxMs: { traces: dayMs, metrics: 0, logs: 0 } };
  const path = archive.seal();
  archive.checkpoint();
  const { sweeper } = archive.open();
  sweeper.sealed(path);
  archive.clock.jump(30 * dayMs);
  finish(sweeper.sweep());
  assert.deepEqual(archive.left(), [1]);
  archive.clock.advance(dayMs);
  finish(sweeper.sweep());
  assert.deepEqual(archive.left(), []);
});
