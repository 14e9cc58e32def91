/**
 * A torn segment is cut to its whole batches and gets an end mark. A whole segment is not changed.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  endSegment,
  planRepair,
  type RepairableSegment,
} from '../../../src/disk/check/segment-repair.ts';
import { endOfStream } from '../../../src/disk/ipc/ipc-format.ts';
import { readMessages } from '../../../src/disk/ipc/ipc-reader.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { fileOf } from '../arrow-file.ts';
import { FaultStorage } from '../fault-storage.ts';
import { memoryFile } from '../memory-file.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { checkBytes } from '../thing-check.ts';
import { thingBatch, thingFields, thingParts, thingSchemaMessage } from '../thing-segment.ts';

const newFolder = temporaryFolders();
const schema = thingSchemaMessage();
const first = thingBatch(thingParts(1, 3));
const second = thingBatch(thingParts(4, 4));
const sound = Buffer.concat([schema, first, second, endOfStream]);

/** Offset of the second batch's body within the batch. */
const secondMetadataBytes = bodyOffsetOf(second);

function bodyOffsetOf(batch: Buffer): number {
  const messages = [...readMessages(memoryFile(Buffer.concat([schema, batch])), 0)];
  const [, message] = messages;
  assert.ok(message?.kind === 'recordBatch');
  return message.bodyOffset - message.offset;
}

function damaged(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

function planOf(bytes: Uint8Array): RepairableSegment {
  const plan = planRepair(memoryFile(bytes), 0);
  assert.ok(plan.action !== 'refuse');
  return plan;
}

/** Returns the content of the file after its plan was carried out. */
function repaired(bytes: Uint8Array): Buffer {
  const file = memoryFile(bytes);
  const plan = planRepair(file, 0);
  assert.ok(plan.action === 'end');
  endSegment(file, 0, plan);
  return Buffer.from(file.content);
}

describe('segment repair', () => {
  it('a sealed segment that is whole: nothing is to be done', () => {
    assert.deepEqual(planOf(sound), {
      action: 'keep',
      keptBytes: sound.length,
      cutBytes: 0,
      hasEndMark: true,
      batches: 2,
      rows: 7,
      lost: undefined,
      damaged: [],
    });
  });

  it('a whole segment without its end mark: is ended, and nothing is lost', () => {
    const plan = planOf(Buffer.concat([schema, first, second]));
    assert.deepEqual([plan.action, plan.cutBytes, plan.lost], ['end', 0, undefined]);
    assert.deepEqual(repaired(Buffer.concat([schema, first, second])), sound);
  });

  it('cut at any byte: the whole batches stay, the rest goes, the stream ends', async () => {
    for (let length = schema.length; length < sound.length; length++) {
      const torn = sound.subarray(0, length);
      const ends = [schema.length, schema.length + first.length, sound.length - 8];
      const kept = ends.findLast((end) => end <= length) ?? 0;
      assert.equal(planOf(torn).cutBytes, length - kept, `${length} bytes`);
      const result = repaired(torn);
      assert.deepEqual(result, Buffer.concat([sound.subarray(0, kept), endOfStream]));
      const { state, faults, counts } = await checkBytes(result);
      assert.deepEqual([state, faults.length], ['sealed', 0]);
      assert.equal(counts.batches, ends.indexOf(kept));
    }
  });

  it('a schema that is not whole: is refused, whatever is there of it', () => {
    for (let length = 0; length < schema.length; length++) {
      const plan = planRepair(memoryFile(schema.subarray(0, length)), 0);
      assert.deepEqual(plan, { action: 'refuse', why: 'has no whole schema message' });
    }
  });

  it('files of others: are refused', () => {
    const text = Buffer.from('time,name\n1,a\n');
    assert.deepEqual(planRepair(memoryFile(text), 0), {
      action: 'refuse',
      why: 'has no whole schema message',
    });
    const stream = thingSchemaMessage(thingFields, new Map([['pandas', '{}']]));
    assert.deepEqual(planRepair(memoryFile(stream), 0), {
      action: 'refuse',
      why: 'is no segment of Archer',
    });
  });

  it('damage before a whole batch: is refused, as a cut would take that one', () => {
    const middle = schema.length;
    for (const offset of [middle, middle + 4, middle + 7, middle + 8]) {
      const bytes = Buffer.from(sound);
      bytes[offset]! ^= 0xff;
      const why =
        `is damaged at byte ${middle}, ` +
        `and a whole batch at byte ${middle + first.length} would be cut`;
      assert.deepEqual(planRepair(memoryFile(bytes), 0), { action: 'refuse', why }, `${offset}`);
    }
    const twice = planRepair(memoryFile(Buffer.concat([sound, sound])), 0);
    assert.equal(twice.action, 'refuse');
  });

  it('a body cut short: the message before it says which requests are lost', () => {
    const lost = (bytes: number) =>
      planOf(Buffer.concat([schema, first, second.subarray(0, bytes)])).lost;
    assert.deepEqual(lost(second.length - 1), { lane: 0, from: 4n, to: 7n });
    assert.deepEqual(lost(secondMetadataBytes), { lane: 0, from: 4n, to: 7n });
  });

  it('metadata cut short: the lost requests begin behind the last that is kept', () => {
    const lost = (batch: Buffer, before: readonly Buffer[] = [first]) =>
      planOf(Buffer.concat([schema, ...before, batch])).lost;
    assert.deepEqual(lost(second.subarray(0, secondMetadataBytes - 1)), {
      lane: 0,
      from: 4n,
      to: null,
    });
    assert.deepEqual(lost(Buffer.alloc(4096)), { lane: 0, from: 4n, to: null });
    assert.deepEqual(lost(Buffer.from('x')), { lane: 0, from: 4n, to: null });
    assert.deepEqual(lost(Buffer.from('x'), []), { lane: null, from: null, to: null });
  });

  it('a last batch whose checksum is wrong, as after a loss of power: is cut', () => {
    const torn = Buffer.concat([schema, first, damaged(second)]);
    const plan = planOf(torn);
    assert.equal(plan.cutBytes, second.length);
    assert.deepEqual(plan.lost, { lane: 0, from: 4n, to: 7n });
    assert.deepEqual(repaired(torn), Buffer.concat([schema, first, endOfStream]));
    const withZeros = planOf(Buffer.concat([torn, Buffer.alloc(64)]));
    assert.equal(withZeros.cutBytes, second.length + 64);
    assert.deepEqual(withZeros.lost, { lane: 0, from: 4n, to: null });
  });

  it('a damaged batch before a whole one: stays, and is named', () => {
    const torn = Buffer.concat([schema, damaged(first), second]);
    const plan = planOf(torn);
    assert.deepEqual([plan.cutBytes, plan.batches], [0, 2]);
    assert.deepEqual(plan.damaged, [schema.length]);
    assert.deepEqual(repaired(torn), Buffer.concat([torn, endOfStream]));
  });

  it('a sealed segment with a damaged batch, the last one too: is not cut', () => {
    const bytes = Buffer.concat([schema, first, damaged(second), endOfStream]);
    const plan = planOf(bytes);
    assert.deepEqual([plan.action, plan.cutBytes, plan.batches], ['keep', 0, 2]);
    assert.deepEqual(plan.damaged, [schema.length + first.length]);
  });

  it('bytes behind the end mark: are cut, and no request was in them', () => {
    const bytes = Buffer.concat([sound, Buffer.alloc(100)]);
    const plan = planOf(bytes);
    assert.deepEqual([plan.action, plan.cutBytes, plan.lost], ['end', 100, undefined]);
    assert.deepEqual(repaired(bytes), sound);
  });

  it('no whole batch: the schema stays, with the end mark', () => {
    const torn = Buffer.concat([schema, first.subarray(0, 100)]);
    assert.deepEqual(repaired(torn), Buffer.concat([schema, endOfStream]));
  });
});

describe('segment repair, on the disk', () => {
  function tornFile(): string {
    const path = join(newFolder(), 'torn.arrow');
    writeFileSync(path, sound.subarray(0, sound.length - 30));
    return path;
  }

  it('cut, end mark, sync: in this order', () => {
    const storage = new FaultStorage();
    const path = tornFile();
    const file = storage.open(path, 'update');
    const plan = planRepair(storage, file);
    assert.ok(plan.action === 'end');
    endSegment(storage, file, plan);
    storage.close(file);
    assert.deepEqual(storage.calls.slice(1, -1), [
      'truncate torn.arrow',
      'write torn.arrow',
      'syncData torn.arrow',
    ]);
    assert.deepEqual(readFileSync(path), Buffer.concat([schema, first, endOfStream]));
  });

  it('a disk that fails in the middle: leaves whole batches, and a second try ends them', () => {
    for (const operation of ['truncate', 'write', 'syncData'] as const) {
      const storage = new FaultStorage();
      const path = tornFile();
      const file = storage.open(path, 'update');
      const plan = planRepair(storage, file);
      assert.ok(plan.action === 'end');
      storage.failOnce(operation, 'EIO', { bytesBefore: 3 });
      assert.throws(() => endSegment(storage, file, plan), { code: 'EIO' });
      const again = planRepair(nodeStorage, file);
      if (again.action === 'end') endSegment(nodeStorage, file, again);
      storage.close(file);
      assert.deepEqual(readFileSync(path), Buffer.concat([schema, first, endOfStream]));
    }
  });
});

describe('repair of an Arrow IPC file', () => {
  const file = fileOf(sound);
  const streamEnd = 8 + sound.length;

  it('a whole one: nothing is to be done', () => {
    const { action, keptBytes, cutBytes } = planOf(file);
    assert.deepEqual([action, keptBytes, cutBytes], ['keep', file.length, 0]);
  });

  it('a footer that is missing, cut short or another: is written once more', () => {
    assert.deepEqual(repaired(file.subarray(0, streamEnd)), file);
    assert.deepEqual(repaired(file.subarray(0, file.length - 1)), file);
    const damaged = Buffer.from(file);
    damaged[streamEnd + 60]! ^= 255;
    damaged[file.length - 8]! ^= 1;
    assert.deepEqual(repaired(damaged), file);
  });

  it('cut anywhere: the whole batches stay, with an end mark and a footer', async () => {
    for (let length = 8 + schema.length; length < streamEnd; length += 3) {
      const result = repaired(file.subarray(0, length));
      const ends = [8 + schema.length, 8 + schema.length + first.length, streamEnd - 8];
      const kept = ends.findLast((end) => end <= length) ?? 0;
      assert.deepEqual(result.subarray(0, kept), file.subarray(0, kept));
      const { state, faults, counts } = await checkBytes(result);
      assert.deepEqual([state, faults], ['sealed', []], `${length} bytes`);
      assert.equal(counts.batches, ends.indexOf(kept));
    }
  });
});
