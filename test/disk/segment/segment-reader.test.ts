/** Whole batches are found in segments of every form and state. Everything else is reported. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { endOfStream } from '../../../src/disk/ipc/ipc-format.ts';
import { openSegment, readSegmentBatches } from '../../../src/disk/segment/segment-reader.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { cleanUp, makeFolder } from '../../recorder/recorder-process.ts';
import { fileOf } from '../arrow-file.ts';
import { FaultStorage } from '../fault-storage.ts';
import { memoryFile } from '../memory-file.ts';
import {
  thingBatch,
  thingFields,
  thingParts,
  thingSchemaMessage,
  thingSchemas,
} from '../thing-segment.ts';

after(cleanUp);

const schema = thingSchemas().get('things/1')!;
const start = thingSchemaMessage();
const [first, second, third] = [1, 4, 7].map((row) => thingBatch(thingParts(row, 3)));
const whole = Buffer.concat([start, first!, second!, third!, endOfStream]);

/** Returns `rows@offset` of each batch, and the faults. */
async function read(bytes: Uint8Array | Storage): Promise<string[]> {
  const storage = bytes instanceof Uint8Array ? memoryFile(bytes) : bytes;
  const found: string[] = [];
  for await (const item of readSegmentBatches({ storage, file: 0, schema })) {
    if (item.kind === 'fault') found.push(`fault@${item.offset}: ${item.what}`);
    else found.push(`${item.message.rows}@${item.message.offset}`);
  }
  return found;
}

const places = [start.length, start.length + first!.length, whole.length - 8 - third!.length];
const batches = places.map((offset) => `3@${offset}`);
const stranger = Buffer.from('FFFFFFFF0000', 'ascii');

describe('segment reader', () => {
  it('sealed, active, as a file, and without a batch', async () => {
    assert.deepEqual(await read(whole), batches);
    assert.deepEqual(await read(whole.subarray(0, -8)), batches);
    assert.deepEqual(
      await read(fileOf(whole)),
      places.map((offset) => `3@${offset + 8}`),
    );
    assert.deepEqual(await read(start), []);
    assert.deepEqual(await read(Buffer.concat([start, endOfStream])), []);
  });

  it('an empty file, and one without a whole schema: a fault', async () => {
    assert.deepEqual(await read(Buffer.alloc(0)), ['fault@0: the file is empty']);
    const [fault, ...others] = await read(start.subarray(0, 100));
    assert.equal(fault, 'fault@0: 100 bytes are no part of the stream: a message is cut short');
    assert.equal(others.length, 0);
    assert.match((await read(Buffer.alloc(64))).join(), /^fault@0: 64 bytes .* no message starts/);
  });

  it('a damaged message: named, the batches behind it found', async () => {
    const damaged = Buffer.concat([start, first!, stranger, second!.subarray(12), third!]);
    const [one, fault, two, ...others] = await read(damaged);
    assert.equal(one, batches[0]);
    assert.match(fault ?? '', new RegExp(`^fault@${places[1]}: \\d+ bytes .* no message starts`));
    assert.equal(two, batches[2]);
    assert.deepEqual(others, []);
  });

  it('a torn tail: named once; bytes behind the end mark too, and not searched', async () => {
    const torn = await read(whole.subarray(0, -20));
    assert.deepEqual(torn.slice(0, 2), batches.slice(0, 2));
    assert.match(torn[2] ?? '', /a message is cut short$/);
    assert.equal(torn.length, 3);
    const behind = await read(Buffer.concat([whole, first!]));
    assert.deepEqual(behind.slice(0, 3), batches);
    assert.match(behind[3] ?? '', /bytes follow the end mark$/);
    assert.equal(behind.length, 4);
  });

  it('a tail that grows while it is looked at: read as far as it is whole then', async () => {
    const storage = memoryFile(whole.subarray(0, places[2]! + 40));
    setTimeout(() => storage.write(0, [whole.subarray(places[2]! + 40)], places[2]! + 40), 30);
    assert.deepEqual(await read(storage), batches);
  });

  it('another schema: named, and no batch given', async () => {
    const other = thingSchemaMessage(thingFields.slice(1));
    const [fault, ...others] = await read(Buffer.concat([other, first!]));
    assert.match(fault ?? '', /^fault@0: the schema is things\/1, not things\/1 as this version/);
    assert.equal(others.length, 0);
  });
});

describe('openSegment', () => {
  const name = 'traces-20260131T120000.000Z-000001.arrow';
  const path = `traces/date=2026-01-31/${name}`;
  const staged = `traces/date=2026-01-31/_${name}s`;

  it('a staged one that was sealed meanwhile: its file; one that is gone: none', () => {
    const outputDir = makeFolder();
    mkdirSync(dirname(join(outputDir, path)), { recursive: true });
    assert.equal(openSegment(nodeStorage, outputDir, path), undefined);
    assert.equal(openSegment(nodeStorage, outputDir, staged), undefined);
    assert.equal(openSegment(nodeStorage, join(outputDir, 'nope'), path), undefined);
    writeFileSync(join(outputDir, path), 'x');
    for (const asked of [path, staged]) {
      const file = openSegment(nodeStorage, outputDir, asked);
      assert.equal(nodeStorage.statOpen(file!).bytes, 1);
      nodeStorage.close(file!);
    }
  });

  it('a disk that fails: throws what it says', () => {
    const storage = new FaultStorage();
    storage.failOnce('open', 'EACCES');
    assert.throws(() => openSegment(storage, makeFolder(), path), /EACCES/);
  });
});
