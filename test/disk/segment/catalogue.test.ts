/** Shows what the catalogue tells of segments, and what it does not take for one. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listSegments, readSegment, segmentFiles } from '../../../src/disk/segment/catalogue.ts';
import { SegmentWriter } from '../../../src/disk/segment/segment-writer.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { exampleBatch, exampleRows, exampleSchemaMessage, exampleTime } from '../example-batch.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const second = 1_000_000_000n;

/** Writers of all signals on one directory, with one counter. */
function openWriters(outputDir: string): Record<Signal, SegmentWriter> {
  let number = 0;
  const writer = (signal: Signal) =>
    new SegmentWriter({
      storage: nodeStorage,
      outputDir,
      signal,
      lane: 0,
      recorderId: '0f8fad5b-d9cb-469f-a165-70867728950e',
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

describe('segmentFiles', () => {
  it('foreign files, folders and links: are not ours', () => {
    const outputDir = newFolder();
    const name = 'traces-20261121T085305.123Z-000001.arrow';
    const date = join(outputDir, 'traces', 'date=2026-11-21');
    mkdirSync(date, { recursive: true });
    writeFileSync(join(date, name), '');
    const other = name.replace('000001', '000002');
    writeFileSync(join(date, 'notes.txt'), '');
    writeFileSync(join(date, `${other}.tmp`), '');
    writeFileSync(join(date, other.replace('traces', 'logs')), '');
    symlinkSync(name, join(date, other));
    mkdirSync(join(date, name.replace('000001', '000003')));
    writeFileSync(join(outputDir, 'traces', other), '');
    mkdirSync(join(outputDir, 'traces', 'date=2026-13-01'));
    writeFileSync(join(outputDir, 'traces', 'date=2026-13-01', other), '');
    symlinkSync('date=2026-11-21', join(outputDir, 'traces', 'date=2026-11-22'));
    writeFileSync(join(outputDir, 'logs'), 'a file where a folder should be');
    const files = segmentFiles(nodeStorage, outputDir, signals);
    assert.deepEqual(
      files.map(({ path }) => path),
      [`traces/date=2026-11-21/${name}`],
    );
  });

  it('numbers of more than six digits: come in their order', () => {
    const outputDir = newFolder();
    const date = join(outputDir, 'traces', 'date=2026-11-21');
    mkdirSync(date, { recursive: true });
    for (const number of ['1000000', '999999', '000007']) {
      writeFileSync(join(date, `traces-20261121T085305.123Z-${number}.arrow`), '');
    }
    const numbers = segmentFiles(nodeStorage, outputDir, signals).map(({ number }) => number);
    assert.deepEqual(numbers, [7, 999_999, 1_000_000]);
  });
});

describe('readSegment', () => {
  it('a file that is not there: is undefined', () => {
    const look = readSegment(nodeStorage, newFolder(), 'traces/absent', () => 'read');
    assert.equal(look, undefined);
  });

  it('a look that fails: closes the file', () => {
    const outputDir = newFolder();
    writeFileSync(join(outputDir, 'file'), '');
    const storage = new FaultStorage();
    const fail = () => {
      throw new Error('cannot');
    };
    assert.throws(() => readSegment(storage, outputDir, 'file', fail), /cannot/);
    assert.equal(storage.openCount, 0);
  });
});
