/** Columns are read on demand, and damage is reported with the name of the column. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planBatchLayout } from '../../../src/disk/ipc/column-layout.ts';
import { readMessages } from '../../../src/disk/ipc/ipc-reader.ts';
import {
  DamagedColumnError,
  openStoredBatch,
  type StoredBatch,
} from '../../../src/disk/ipc/stored-batch.ts';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { memoryFile } from '../memory-file.ts';
import {
  bits,
  int64,
  type ThingOptions,
  type ThingParts,
  thingBatch,
  thingParts,
  thingSchemaMessage,
  thingSchemas,
} from '../thing-segment.ts';

const layout = planBatchLayout(thingSchemas().get('things/1')!.fields);
const decompress = nativeDecompress();
const paths = ['start_time', 'trace_id', 'is_odd', 'events', 'events.item', 'events.item.name'];

function open(change: (parts: ThingParts) => void = () => {}, options: ThingOptions = {}) {
  const parts = thingParts(1, 7);
  change(parts);
  const storage = memoryFile(Buffer.concat([thingSchemaMessage(), thingBatch(parts, options)]));
  const reads: number[] = [];
  const counting = {
    ...storage,
    read: (...args: Parameters<typeof storage.read>) => {
      reads.push(args[2]);
      return storage.read(...args);
    },
  };
  const [, message] = [...readMessages(storage, 0)];
  assert.ok(message?.kind === 'recordBatch');
  const found = openStoredBatch({ storage: counting, file: 0, message, layout, decompress });
  return { found, reads, message };
}

function batchOf(change?: (parts: ThingParts) => void, options?: ThingOptions): StoredBatch {
  const { found } = open(change, options);
  assert.ok(typeof found !== 'string', String(found));
  return found;
}

describe('stored batch', () => {
  for (const compression of ['zstd', 'none'] as const) {
    it(`${compression}: each column as it was stored, however deep it lies`, () => {
      const batch = batchOf(() => {}, { compression });
      const { buffers } = thingParts(1, 7);
      assert.equal(batch.rows, 7);
      const times = batch.column('start_time')!;
      assert.deepEqual(Buffer.from(times.data), Buffer.from(buffers.get('start_time')!));
      assert.deepEqual(times.validity, new Uint8Array(buffers.get('start_time.validity')!));
      const names = batch.column('events.item.name')!;
      assert.equal(names.offsets?.length, 8);
      assert.deepEqual(Buffer.from(names.data), Buffer.from(buffers.get('events.item.name')!));
      assert.deepEqual([...batch.column('events')!.offsets!], [0, 1, 3, 3, 4, 6, 6, 7]);
      assert.equal(batch.column('events.item')?.data.length, 0);
      assert.equal(batch.column('received_time')?.validity, undefined);
    });
  }

  it('a path that there is not: undefined', () => {
    const batch = batchOf();
    for (const path of ['nope', 'events.nope', 'start_time.x', '']) {
      assert.equal(batch.column(path), undefined);
    }
  });

  it('reads what is asked for, once', () => {
    const { found, reads } = open(() => {}, { compression: 'none' });
    assert.ok(typeof found !== 'string');
    const before = reads.length;
    assert.equal(found.nullCount('start_time'), 2);
    assert.equal(found.nullCount('nope'), 0);
    assert.equal(reads.length, before);
    const column = found.column('start_time');
    assert.equal(reads.length, before + 2);
    assert.equal(found.column('start_time'), column);
    assert.equal(reads.length, before + 2);
  });

  it('bytes are no Buffer, whose slice would not copy', () => {
    const { data } = batchOf().column('trace_id')!;
    assert.equal(Object.getPrototypeOf(data), Uint8Array.prototype);
  });

  it('no rows: no offsets have to be there', () => {
    const none = (parts: ThingParts) => {
      Object.assign(parts, thingParts(1, 0));
      for (const name of parts.buffers.keys()) parts.buffers.set(name, new Uint8Array(0));
    };
    const batch = batchOf(none);
    for (const path of paths) assert.equal(batch.column(path)?.data.length, 0, path);
  });

  const damage: Record<string, readonly [string, RegExp, (parts: ThingParts) => void]> = {
    'too few values': [
      'batch_id',
      /48 bytes lie where 56 belong/,
      (parts) => parts.buffers.set('batch_id', int64([1n, 2n, 3n, 4n, 5n, 6n])),
    ],
    'another length': ['is_odd', /it has 6 values, not 7/, (parts) => parts.nodes.splice(6, 1, 6)],
    'a bitmap cut short': [
      'start_time',
      /0 bytes lie where 1 belong/,
      (parts) => parts.buffers.set('start_time.validity', bits([])),
    ],
    'offsets that fall': [
      'events',
      /its offsets fall at value 1/,
      (parts) => parts.buffers.set('events.offsets', offsetsOf(0, 3, 1, 3, 4, 6, 6, 7)),
    ],
    'offsets that do not start at 0': [
      'events',
      /do not start at 0/,
      (parts) => parts.buffers.set('events.offsets', offsetsOf(1, 1, 3, 3, 4, 6, 6, 7)),
    ],
    'a list that leads too far': [
      'events.item.time',
      /it has 7 values, not 9/,
      (parts) => parts.buffers.set('events.offsets', offsetsOf(0, 1, 3, 3, 4, 6, 6, 9)),
    ],
  };
  for (const [name, [path, expected, change]] of Object.entries(damage)) {
    it(`${name}: an error that names the column`, () => {
      const batch = batchOf(change, { compression: 'none' });
      assert.throws(
        () => batch.column(path),
        (error) => error instanceof DamagedColumnError && expected.test(error.message),
      );
      assert.equal(batch.column('received_time')?.data.length, 56);
    });
  }

  it('a frame that is none: an error that names the column', () => {
    const store = (name: string, content: Uint8Array) => {
      if (name !== 'trace_id' || content.length === 0) return thingStore(content);
      const prefix = Buffer.alloc(8);
      prefix.writeBigInt64LE(BigInt(content.length));
      return Buffer.concat([prefix, Buffer.from('no frame')]);
    };
    const batch = batchOf(() => {}, { store });
    assert.throws(() => batch.column('trace_id'), DamagedColumnError);
  });

  it('a header that cannot be right: one phrase', () => {
    assert.match(
      String(open((parts) => parts.nodes.splice(0, 2)).found),
      /^10 nodes for 11 columns$/,
    );
    const places = (numbers: number[]) => numbers.splice(2, 1, 1);
    assert.match(String(open(() => {}, { changePlaces: places }).found), /^buffer 1 starts at 1 /);
  });

  it('random damage: columns within their bounds, or an error of theirs', (test) => {
    const seed = chooseSeed();
    test.diagnostic(`SEED=${seed}`);
    const random = new TestRandom(seed);
    let thrown = 0;
    for (let round = 0; round < 400; round++) {
      const changeBody = (body: Uint8Array) => {
        for (let count = 0; count < 3; count++) body[random.below(body.length)] = random.below(256);
      };
      const { found } = open(
        (parts) => {
          if (random.chance(0.3)) parts.nodes[random.below(parts.nodes.length)] = random.below(20);
        },
        { changeBody, compression: random.pick(['zstd', 'none']) },
      );
      if (typeof found === 'string') continue;
      for (const path of paths) {
        try {
          const { offsets, data } = found.column(path)!;
          if (offsets !== undefined)
            assertSound(offsets, path.endsWith('s') ? Infinity : data.length);
        } catch (error) {
          assert.ok(error instanceof DamagedColumnError, String(error));
          thrown += 1;
        }
      }
    }
    assert.ok(thrown > 20);
  });
});

function assertSound(offsets: Int32Array, end: number): void {
  assert.equal(offsets[0], 0);
  for (let index = 1; index < offsets.length; index++) {
    assert.ok(offsets[index]! >= offsets[index - 1]!);
  }
  assert.ok(offsets.at(-1)! <= end);
}

function offsetsOf(...numbers: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(numbers).buffer);
}

/** Stores the content uncompressed after its prefix. */
function thingStore(content: Uint8Array): Uint8Array {
  if (content.byteLength === 0) return content;
  return Buffer.concat([Buffer.alloc(8, 255), content]);
}
