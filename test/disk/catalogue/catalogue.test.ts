/**
 * Shows what the catalogue knows about segments, and which files it does not accept as segments.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Catalogue, listSegments } from '../../../src/disk/catalogue/catalogue.ts';
import { readCatalogue } from '../../../src/disk/catalogue/catalogue-file.ts';
import { SegmentWriter } from '../../../src/disk/segment/segment-writer.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { exampleBatch, exampleRows, exampleSchemaMessage, exampleTime } from '../example-batch.ts';
import { diskError, FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const second = 1_000_000_000n;
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** Writers of all signals on one directory, with a shared counter. */
function openWriters(outputDir: string, numberBefore = 0): Record<Signal, SegmentWriter> {
  let number = numberBefore;
  const writer = (signal: Signal) =>
    new SegmentWriter({
      storage: nodeStorage,
      outputDir,
      signal,
      lane: 0,
      recorderId,
      schemaMessage: exampleSchemaMessage(),
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
      nextNumber: () => ++number,
    });
  return { traces: writer('traces'), metrics: writer('metrics'), logs: writer('logs') };
}

describe('listSegments', () => {
  it('no output directory: has no segments', () => {
    assert.deepEqual(listSegments(nodeStorage, join(newFolder(), 'absent'), signals), []);
  });

  it('segments of several signals and dates: come by number, with all that is known', () => {
    const outputDir = newFolder();
    const { traces, logs } = openWriters(outputDir);
    const nextDay = exampleTime + 86_400n * second;
    traces.append(exampleBatch(exampleRows(0, 10), { services: ['a', 'b'] }), { from: 1n, to: 1n });
    logs.append(exampleBatch(exampleRows(0, 3)), { from: 2n, to: 2n });
    const later = { receivedTime: exampleTime + second, services: ['b', 'c'] };
    traces.append(exampleBatch(exampleRows(10, 5), later), { from: 3n, to: 3n });
    traces.append(exampleBatch(exampleRows(15, 1), { receivedTime: nextDay }), {
      from: 4n,
      to: 4n,
    });
    const list = listSegments(nodeStorage, outputDir, signals);
    assert.deepEqual(
      list.map(({ number, signal, state, rows }) => [number, signal, state, rows]),
      [
        [1, 'traces', 'sealed', 15],
        [2, 'logs', 'active', 3],
        [3, 'traces', 'active', 1],
      ],
    );
    assert.deepEqual(list[0], {
      path: 'traces/date=2026-11-21/traces-20261121T085305.123Z-000001.arrow',
      signal: 'traces',
      number: 1,
      state: 'sealed',
      bytes: readFileSync(join(outputDir, list[0]!.path)).length,
      rows: 15,
      firstTime: exampleTime - 1000n,
      lastTime: exampleTime + second - 1n,
      firstReceivedTime: exampleTime,
      lastReceivedTime: exampleTime + second,
      services: ['a', 'b', 'c'],
      ranges: [{ recorder: recorderId, lane: 0, from: 1n, to: 3n }],
    });
    assert.deepEqual(listSegments(nodeStorage, outputDir, ['logs']), [list[1]]);
  });

  it('rows without times: are null only where no batch has one', () => {
    const outputDir = newFolder();
    const { traces } = openWriters(outputDir);
    const batch = exampleBatch(exampleRows(0, 1));
    const timeless = { ...batch, stats: { ...batch.stats, firstTime: null, lastTime: null } };
    traces.append(timeless, { from: 1n, to: 1n });
    assert.equal(listSegments(nodeStorage, outputDir, ['traces'])[0]?.firstTime, null);
    traces.append(batch, { from: 2n, to: 2n });
    traces.append(timeless, { from: 3n, to: 3n });
    const [segment] = listSegments(nodeStorage, outputDir, ['traces']);
    assert.equal(segment?.firstTime, batch.stats.firstTime);
    assert.equal(segment?.lastTime, batch.stats.lastTime);
  });

  it('a torn segment: shows its whole batches', () => {
    const outputDir = newFolder();
    const { traces } = openWriters(outputDir);
    traces.append(exampleBatch(exampleRows(0, 10)), { from: 1n, to: 1n });
    traces.append(exampleBatch(exampleRows(10, 10)), { from: 2n, to: 2n });
    const { path, bytes } = traces.active!;
    truncateSync(join(outputDir, path), bytes - 1);
    const [segment] = listSegments(nodeStorage, outputDir, ['traces']);
    assert.equal(segment?.state, 'torn');
    assert.equal(segment?.rows, 10);
    assert.equal(segment?.bytes, bytes - 1);
  });

  it('a file of ours without a byte, or with another content: is torn, without rows', () => {
    const outputDir = newFolder();
    const folder = join(outputDir, 'traces', 'date=2026-11-21');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'traces-20261121T085305.123Z-000001.arrow'), '');
    writeFileSync(join(folder, 'traces-20261121T085305.123Z-000002.arrow'), 'some text');
    const list = listSegments(nodeStorage, outputDir, signals);
    assert.deepEqual(
      list.map(({ number, state, rows, services }) => [number, state, rows, services]),
      [
        [1, 'torn', 0, []],
        [2, 'torn', 0, []],
      ],
    );
  });

  it('batches that say nothing of themselves: still have rows', () => {
    const outputDir = newFolder();
    const { traces } = openWriters(outputDir);
    traces.append(exampleBatch(exampleRows(0, 10)), { from: 1n, to: 1n });
    const path = join(outputDir, traces.active!.path);
    const bytes = readFileSync(path, 'latin1').replace('archer.stats', 'foreign.stats'.slice(1));
    writeFileSync(path, bytes, 'latin1');
    const [segment] = listSegments(nodeStorage, outputDir, ['traces']);
    assert.equal(segment?.rows, 10);
    assert.equal(segment?.firstTime, null);
    assert.equal(segment?.services, null);
  });

  it('a segment deleted between the names and the look: is left out', () => {
    const outputDir = newFolder();
    const { traces } = openWriters(outputDir);
    traces.append(exampleBatch(exampleRows(0, 10)), { from: 1n, to: 1n });
    const storage = new FaultStorage();
    storage.failOnce('open', 'ENOENT');
    assert.deepEqual(listSegments(storage, outputDir, signals), []);
  });

  it('another fault: is passed on, and no file stays open', () => {
    const outputDir = newFolder();
    const { traces } = openWriters(outputDir);
    traces.append(exampleBatch(exampleRows(0, 10)), { from: 1n, to: 1n });
    const storage = new FaultStorage();
    storage.failOnce('open', 'EACCES');
    assert.throws(() => listSegments(storage, outputDir, signals), { code: 'EACCES' });
    storage.failOnce('read', 'EIO', { callsBefore: 1 });
    assert.throws(() => listSegments(storage, outputDir, signals), { code: 'EIO' });
    assert.equal(storage.openCount, 0);
  });
});

describe('listSegments, with what is kept', () => {
  it('a segment of the same name and size: is not read again', () => {
    const { outputDir } = keptArchive();
    const kept = readCatalogue(nodeStorage, outputDir);
    assert.equal(kept.size, 2);
    const storage = new FaultStorage();
    const list = listSegments(storage, outputDir, signals, kept);
    assert.deepEqual(list, listSegments(nodeStorage, outputDir, signals));
    assert.deepEqual(storage.calls, []);
  });

  it('a segment of another size, or not kept: is read', () => {
    const { outputDir, paths } = keptArchive();
    const kept = readCatalogue(nodeStorage, outputDir);
    truncateSync(join(outputDir, paths[0]!), 700);
    openWriters(outputDir, 9).traces.append(exampleBatch(exampleRows(0, 7)), { from: 9n, to: 9n });
    const states = listSegments(nodeStorage, outputDir, signals, kept).map(({ state }) => state);
    assert.deepEqual(states, ['torn', 'sealed', 'active']);
  });
});

describe('Catalogue', () => {
  const open = (outputDir: string, storage = new FaultStorage()) =>
    new Catalogue({ storage, outputDir, signals });

  it('nothing kept: everything is read, one after the other', () => {
    const { outputDir } = keptArchive();
    rmSync(join(outputDir, '.archer', 'catalogue'));
    const catalogue = open(outputDir);
    assert.deepEqual([catalogue.isComplete, catalogue.segments.length], [false, 0]);
    assert.equal(catalogue.readNext(), true);
    assert.deepEqual([catalogue.isComplete, catalogue.segments.length], [false, 1]);
    assert.equal(catalogue.readNext(), true);
    assert.equal(catalogue.readNext(), false);
    assert.deepEqual(catalogue.segments, listSegments(nodeStorage, outputDir, signals));
    assert.equal(catalogue.isChanged, true);
  });

  it('all kept: it is complete at once, and nothing is to be kept', () => {
    const { outputDir } = keptArchive();
    const catalogue = open(outputDir);
    assert.deepEqual([catalogue.isComplete, catalogue.isChanged], [true, false]);
    assert.deepEqual(catalogue.segments, listSegments(nodeStorage, outputDir, signals));
  });

  it('kept segments that are gone or changed: are not believed', () => {
    const { outputDir, paths } = keptArchive();
    rmSync(join(outputDir, paths[0]!));
    appendFileSync(join(outputDir, paths[1]!), 'something');
    const catalogue = open(outputDir);
    assert.deepEqual([catalogue.isComplete, catalogue.segments.length], [false, 0]);
    while (catalogue.readNext());
    assert.deepEqual(catalogue.segments, []);
  });

  it('what comes, is sealed, and goes: is told by looks', () => {
    const outputDir = newFolder();
    const catalogue = open(outputDir);
    const { traces } = openWriters(outputDir);
    traces.append(exampleBatch(exampleRows(0, 10)), { from: 1n, to: 1n });
    const { path } = traces.active!;
    catalogue.look(path);
    assert.deepEqual(catalogue.segments, []);
    traces.seal();
    catalogue.look(path);
    assert.equal(catalogue.get(path)?.rows, 10);
    rmSync(join(outputDir, path));
    catalogue.look(path);
    assert.equal(catalogue.get(path), undefined);
  });

  it('a refresh: finds what came, went, and was sealed meanwhile', () => {
    const { outputDir, paths } = keptArchive();
    const { traces } = openWriters(outputDir, 9);
    traces.append(exampleBatch(exampleRows(0, 10)), { from: 9n, to: 9n });
    const catalogue = open(outputDir);
    while (catalogue.readNext());
    assert.equal(catalogue.segments.length, 2);
    rmSync(join(outputDir, paths[0]!));
    const sealed = traces.seal();
    catalogue.refresh();
    assert.equal(catalogue.isComplete, false);
    while (catalogue.readNext());
    const found = catalogue.segments.map(({ path }) => path);
    assert.deepEqual(found, [paths[1], sealed?.path]);
  });

  it('a file that the disk does not give: is passed over until it has another size', () => {
    const { outputDir } = keptArchive();
    rmSync(join(outputDir, '.archer', 'catalogue'));
    const storage = new FaultStorage();
    const catalogue = open(outputDir, storage);
    storage.failOnce('open', 'EIO');
    assert.throws(() => catalogue.readNext(), { code: 'EIO' });
    catalogue.readNext();
    assert.deepEqual([catalogue.isComplete, catalogue.segments.length], [true, 1]);
  });

  it('a disk that does not even tell of a file: is asked once, not for ever', () => {
    const { outputDir } = keptArchive();
    rmSync(join(outputDir, '.archer', 'catalogue'));
    const storage = new FaultStorage();
    const catalogue = open(outputDir, storage);
    storage.stat = () => {
      throw diskError('EIO');
    };
    for (const _ of [1, 2]) assert.throws(() => catalogue.readNext(), { code: 'EIO' });
    assert.deepEqual([catalogue.readNext(), catalogue.isComplete], [false, true]);
  });

  it('a stream whose file is there too: is not counted', () => {
    const { outputDir, paths } = keptArchive();
    const catalogue = open(outputDir);
    const staged = paths[0]!.replace('/traces-', '/_traces-').replace('.arrow', '.arrows');
    writeFileSync(join(outputDir, staged), readFileSync(join(outputDir, paths[0]!)));
    catalogue.look(staged);
    assert.equal(catalogue.get(staged), undefined);
    renameSync(join(outputDir, paths[0]!), join(outputDir, 'elsewhere'));
    catalogue.look(staged);
    assert.equal(catalogue.get(staged)?.rows, 10);
  });

  it('foreign paths: are not looked at', () => {
    const { outputDir } = keptArchive();
    const catalogue = open(outputDir);
    for (const path of ['../x', 'traces/notes.txt', '.archer/catalogue']) catalogue.look(path);
    assert.equal(catalogue.segments.length, 2);
  });
});

/** Two sealed segments, one of traces and one of logs, that are kept. */
function keptArchive(): { outputDir: string; paths: string[] } {
  const outputDir = newFolder();
  const { traces, logs } = openWriters(outputDir);
  traces.append(exampleBatch(exampleRows(0, 10)), { from: 1n, to: 1n });
  logs.append(exampleBatch(exampleRows(0, 3)), { from: 2n, to: 2n });
  const paths = [traces.seal()!.path, logs.seal()!.path];
  mkdirSync(join(outputDir, '.archer'));
  const catalogue = new Catalogue({ storage: nodeStorage, outputDir, signals });
  while (catalogue.readNext());
  catalogue.save();
  return { outputDir, paths };
}
