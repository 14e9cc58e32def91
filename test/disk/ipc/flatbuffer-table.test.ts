/**
 * A flatbuffer that some reader would reject is rejected here, and no offset leads out of bounds.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Builder } from 'flatbuffers';
import { FlatbufferTable, MetadataFault } from '../../../src/disk/ipc/flatbuffer-table.ts';
import { seededRandom } from '../../random.ts';

/** Returns a table with a field of each kind. Field 7 is not set. */
function exampleBytes(): Uint8Array {
  const builder = new Builder(64);
  const text = builder.createString('täxt');
  builder.startObject(1);
  builder.addFieldInt8(0, 5, 0);
  const inner = builder.endObject();
  builder.startVector(4, 2, 4);
  builder.addOffset(inner);
  builder.addOffset(inner);
  const tables = builder.endVector();
  builder.startVector(16, 2, 8);
  for (const number of [4n, 3n, 2n, 1n]) builder.addInt64(number);
  const pairs = builder.endVector();
  builder.startObject(8);
  builder.addFieldInt8(0, -1, 0);
  builder.addFieldInt16(1, -2, 0);
  builder.addFieldInt32(2, -3, 0);
  builder.addFieldInt64(3, -4n, 0n);
  builder.addFieldOffset(4, text, 0);
  builder.addFieldOffset(5, tables, 0);
  builder.addFieldOffset(6, pairs, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array().slice();
}

/** Returns all values of the table. */
function readAll(bytes: Uint8Array) {
  const table = FlatbufferTable.root(bytes);
  return {
    numbers: [table.int8(0), table.int16(1), table.int32(2), table.int64(3)],
    text: table.text(4),
    tables: table.tables(5, 8).map((inner) => inner.int8(0)),
    pairs: [...table.int64Pairs(6)],
    has: [table.has(0), table.has(7)],
    missing: [table.int8(7), table.int64(7), table.text(7), table.table(7)],
  };
}

const expected = {
  numbers: [-1, -2, -3, -4n],
  text: 'täxt',
  tables: [5, 5],
  pairs: [1n, 2n, 3n, 4n],
  has: [true, false],
  missing: [0, 0n, '', undefined],
};

function assertRefused(bytes: Uint8Array, message: RegExp): void {
  assert.throws(
    () => readAll(bytes),
    (error) => error instanceof MetadataFault && message.test(error.message),
  );
}

/** Returns the position of bytes that occur once. */
function find(bytes: Uint8Array, part: Uint8Array): number {
  const position = Buffer.from(bytes).indexOf(part);
  assert.ok(position >= 0);
  return position;
}

describe('FlatbufferTable', () => {
  const good = exampleBytes();
  const text = find(good, Buffer.from('täxt'));

  it('a sound table: says what was written, and the default of what was not', () => {
    assert.deepEqual(readAll(good), expected);
    const shifted = new Uint8Array(good.byteLength + 3).subarray(3);
    shifted.set(good);
    assert.deepEqual(readAll(shifted), expected);
  });

  it('a text without its zero, or that is not UTF-8', () => {
    const open = good.slice();
    open[text + 5] = 1;
    assertRefused(open, /does not end with a zero/);
    const broken = good.slice();
    broken[text + 1] = 0xff;
    assertRefused(broken, /not UTF-8/);
  });

  it('a count beyond the bytes', () => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(text - 4, 0xfffffff0, true);
    assertRefused(bytes, /outside of the bytes/);
  });

  it('more tables than are asked for', () => {
    assert.throws(() => FlatbufferTable.root(good).tables(5, 1), /too long/);
  });

  it('no bytes, or too few', () => {
    // The text lies last. Only padding follows it.
    const lastByte = text + Buffer.byteLength(expected.text);
    for (let length = 0; length <= lastByte; length++) {
      assert.throws(() => readAll(good.subarray(0, length)), MetadataFault, `${length} bytes`);
    }
  });

  it('any byte changed to anything: reads within the bytes, or says a fault', () => {
    const random = seededRandom();
    let refused = 0;
    for (let round = 0; round < 20_000; round++) {
      const bytes = good.slice();
      const changes = 1 + random.below(3);
      for (let change = 0; change < changes; change++) {
        bytes[random.below(bytes.byteLength)] = random.below(256);
      }
      try {
        readAll(bytes);
      } catch (error) {
        assert.ok(error instanceof MetadataFault, String(error));
        refused++;
      }
    }
    assert.ok(refused > 5_000, `${refused} were refused`);
  });
});
