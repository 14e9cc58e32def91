/** Batches are read in the order of their requests, from any form of segment and despite damage. */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import type { StreamMessage } from '../../src/disk/ipc/ipc-reader.ts';
import { DamagedColumnError } from '../../src/disk/ipc/stored-batch.ts';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { sealAsFile } from '../../src/disk/segment/sealed-file.ts';
import { nodeStorage, type Storage } from '../../src/disk/storage.ts';
import {
  type ArchiveFault,
  ArchiveReader,
  batchFault,
  type SelectedBatch,
} from '../../src/query/archive-reader.ts';
import type { RowFilter } from '../../src/query/row-filter.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { finish } from '../disk/finish.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder, foreignId } from './archive-builder.ts';
import { batchMessages, changeByte } from './damage.ts';
import { logsOf, spansOf } from './small-requests.ts';

after(cleanUp);

const one = (name: string, time = 0n) => spansOf('shop', { name, time });

/** Returns the names of the selected rows, one list per batch, and the faults. */
async function read(reader: ArchiveReader, filter: RowFilter = {}) {
  const names: string[][] = [];
  const faults: ArchiveFault[] = [];
  for await (const found of reader.batches(reader.plan('traces', filter))) {
    if (found.kind === 'fault') faults.push(found);
    else names.push(namesOf(found));
  }
  return { names, faults };
}

function namesOf({ batch, mask }: SelectedBatch): string[] {
  const { offsets, data } = batch.column('name')!;
  const rows = Array.from({ length: batch.rows }, (_, row) => row);
  return rows
    .filter((row) => mask?.[row] !== 0)
    .map((row) => Buffer.from(data.subarray(offsets![row], offsets![row + 1])).toString());
}

function readerOver(builder: ArchiveBuilder, storage: Storage): ArchiveReader {
  const { outputDir } = builder;
  return new ArchiveReader({ storage, outputDir, decompress: nativeDecompress() });
}

describe('archive reader', () => {
  for (const compression of ['zstd', 'none'] as const) {
    it(`${compression}: streams, files, active and staged segments, in their order`, async () => {
      const builder = new ArchiveBuilder();
      builder.segment([[one('a')], [one('b'), one('c')]], { form: 'stream', compression });
      builder.segment([[one('d')]], { form: 'file', compression });
      builder.segment([[one('e')]], { form: 'active', compression });
      builder.segment([[one('f')]], { form: 'staged', compression });
      const { names, faults } = await read(builder.reader);
      assert.deepEqual(names, [['a'], ['b', 'c'], ['d'], ['e'], ['f']]);
      assert.deepEqual(faults, []);
    });
  }

  it('a later segment with earlier requests, as recovery makes them: in between', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[one('p10')], [one('p11')]], { firstPosition: 10n });
    builder.segment([[one('p1')], [one('p2')]], { firstPosition: 1n });
    const late = builder.segment([[one('p12')]], { firstPosition: 12n });
    builder.segment([[one('p13')]], { firstPosition: 13n });
    builder.segment([[one('p3')]], { firstPosition: 3n });
    assert.ok(late);
    const { names } = await read(builder.reader);
    const expected = ['p1', 'p2', 'p3', 'p10', 'p11', 'p12', 'p13'];
    assert.deepEqual(names.flat(), expected);
  });

  it('segments whose batches interleave: merged', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[one('p1')], [one('p2')], [one('p3')], [one('p4')]]);
    const [, second, third] = batchMessages(builder.fullPath(segment));
    const bytes = readFileSync(builder.fullPath(segment));
    const end = (message: StreamMessage) => message.bodyOffset + message.bodyBytes;
    const cut = Buffer.concat([bytes.subarray(0, second!.offset), bytes.subarray(end(third!))]);
    writeFileSync(builder.fullPath(segment), cut);
    builder.segment([[one('p2')], [one('p3')]], { firstPosition: 2n });
    const { names } = await read(builder.reader);
    assert.deepEqual(names.flat(), ['p1', 'p2', 'p3', 'p4']);
  });

  it('other recorders and lanes: one behind the other', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[one('own 1')]], { firstPosition: 1n });
    builder.segment([[one('other 1')]], { firstPosition: 1n, recorderId: foreignId });
    builder.segment([[one('lane 3')]], { firstPosition: 1n, lane: 3 });
    builder.segment([[one('own 2')]], { firstPosition: 2n });
    const { names } = await read(builder.reader);
    assert.deepEqual(names.flat(), ['own 1', 'own 2', 'other 1', 'lane 3']);
  });

  it('a damaged body: named, the other batches given', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[one('a')], [one('b')], [one('c')]]);
    const damaged = batchMessages(builder.fullPath(segment))[1]!;
    changeByte(builder.fullPath(segment), damaged.bodyOffset + 5);
    const { names, faults } = await read(builder.reader);
    assert.deepEqual(names.flat(), ['a', 'c']);
    const what = 'the body does not have the checksum of archer.crc32';
    const { offset } = damaged;
    const code = 'ERR_ARCHER_BATCH_DAMAGED';
    assert.deepEqual(faults, [{ kind: 'fault', code, path: segment.path, offset, what }]);
  });

  for (const form of ['stream', 'file'] as const) {
    it(`${form}: a damaged message: named, the batches behind it given`, async () => {
      const builder = new ArchiveBuilder();
      const segment = builder.segment([[one('a')], [one('b')], [one('c')]], { form });
      const damaged = batchMessages(builder.fullPath(segment))[1]!;
      changeByte(builder.fullPath(segment), damaged.offset);
      const { names, faults } = await read(builder.reader);
      assert.deepEqual(names.flat(), ['a', 'c']);
      assert.equal(faults.length, 1);
      assert.equal(faults[0]?.code, 'ERR_ARCHER_SEGMENT_TORN');
      assert.equal(faults[0]?.offset, damaged.offset);
      assert.match(faults[0]?.what ?? '', /are no part of the stream: no message starts here/);
    });
  }

  it('a tail that is torn and stays so: named, the whole batches given', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[one('a')], [one('b')]], { form: 'active' });
    const path = builder.fullPath(segment);
    writeFileSync(path, readFileSync(path).subarray(0, -9));
    const { names, faults } = await read(builder.reader);
    assert.deepEqual(names.flat(), ['a']);
    assert.match(faults[0]?.what ?? '', /a message is cut short/);
  });

  it('a tail that is being written: read to its end', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[one('a')], [one('b')]], { form: 'active' });
    const path = builder.fullPath(segment);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, -9));
    const reading = read(builder.reader);
    setTimeout(() => writeFileSync(path, whole), 20);
    const { names, faults } = await reading;
    assert.deepEqual(names.flat(), ['a', 'b']);
    assert.deepEqual(faults, []);
  });

  it('a segment that goes meanwhile: left out; one that becomes a file: read there', async () => {
    const builder = new ArchiveBuilder();
    const [gone] = ['gone', 'kept'].map((name) => builder.segment([[one(name)]]));
    const staged = builder.segment([[one('staged')]], { form: 'staged' });
    const { reader } = builder;
    const plan = reader.plan('traces');
    rmSync(builder.fullPath(gone!));
    const target = builder.fullPath(staged).replace('_traces', 'traces').replace(/s$/, '');
    renameSync(builder.fullPath(staged), target);
    const names: string[] = [];
    for await (const found of reader.batches(plan)) {
      assert.equal(found.kind, 'batch');
      if (found.kind === 'batch') names.push(...namesOf(found));
    }
    assert.deepEqual(names, ['kept', 'staged']);
    assert.equal(finish(sealAsFile(nodeStorage, builder.outputDir, staged.path)), undefined);
  });

  it('a disk that does not give a segment: named, the others given', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[one('a')]]);
    builder.segment([[one('b')]]);
    const storage = new FaultStorage();
    for (const isPlanned of [false, true]) {
      const reader = readerOver(builder, storage);
      const plan = isPlanned ? reader.plan('traces') : undefined;
      storage.failOnce('read', 'EIO');
      const late = plan ?? reader.plan('traces');
      if (!isPlanned) storage.failOnce('read', 'EIO');
      const kinds: string[] = [];
      for await (const found of reader.batches(late)) kinds.push(found.kind);
      assert.deepEqual(kinds.sort(), ['batch', 'fault']);
      assert.equal(storage.openCount, 0);
    }
  });

  it('a reader that stops early: no file stays open', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[one('a')], [one('b')]]);
    const storage = new FaultStorage();
    const reader = readerOver(builder, storage);
    for await (const found of reader.batches(reader.plan('traces'))) {
      assert.equal(found.kind, 'batch');
      break;
    }
    assert.equal(storage.openCount, 0);
  });

  it('what messages say: bodies without a wanted row are not read', async () => {
    const builder = new ArchiveBuilder();
    const big = (name: string, time: bigint) => {
      return Array.from({ length: 50 }, (_, index) => one(`${name} ${index}`, time));
    };
    const options = { compression: 'none' } as const;
    const segment = builder.segment([big('a', 100n), big('b', 200n), big('c', 300n)], options);
    builder.segment([big('d', 400n)], options);
    const [first, , third] = batchMessages(builder.fullPath(segment));
    changeByte(builder.fullPath(segment), first!.bodyOffset);
    changeByte(builder.fullPath(segment), third!.bodyOffset);
    const { names, faults } = await read(builder.reader, { from: 200n, to: 300n });
    assert.equal(names.flat().length, 50);
    assert.deepEqual(faults, []);
    assert.equal(builder.reader.plan('traces', { from: 200n, to: 300n }).segments.length, 1);
  });

  it('progress: is told of all bytes but the ends', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[one('a')], [one('b')]]);
    const { reader } = builder;
    const plan = reader.plan('traces', { texts: new Map([['name', new Set(['b'])]]) });
    let told = 0;
    for await (const _ of reader.batches(plan, (bytes) => (told += bytes)));
    assert.ok(told > plan.bytes / 2 && told < plan.bytes, `${told} of ${plan.bytes}`);
  });

  it('a segment of another schema: named, and nothing of it given', async () => {
    const builder = new ArchiveBuilder();
    const logs = builder.segment([[logsOf('shop', {})]], { signal: 'logs' });
    const path = logs.path.replaceAll('logs', 'traces');
    nodeStorage.makeFolder(`${builder.outputDir}/${path.slice(0, path.lastIndexOf('/'))}`);
    renameSync(builder.fullPath(logs), `${builder.outputDir}/${path}`);
    const { names, faults } = await read(builder.reader);
    assert.deepEqual(names, []);
    assert.equal(faults[0]?.what, 'the schema is logs/1, not spans/1 as this version knows it');
  });

  it('errors: those of columns and of the disk are faults, others are thrown on', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[one('a')]]);
    for await (const found of builder.reader.batches(builder.reader.plan('traces'))) {
      assert.ok(found.kind === 'batch');
      const fault = batchFault(found, new DamagedColumnError('name', 'is bad'));
      assert.equal(fault.what, 'column name: is bad');
      assert.throws(() => batchFault(found, new TypeError('ours')), /ours/);
    }
  });
});
