/** Shows that a table is read as it was built, and that no bytes whatever lead outside of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Builder } from 'flatbuffers';
import { FlatbufferTable } from '../../../src/disk/ipc/flatbuffer-table.ts';
import { seededRandom } from '../../random.ts';

/** A table with a field of each kind, at the slots 0 to 5. */
function build(): Uint8Array {
  const builder = new Builder(64);
  const text = builder.createString('täxt');
  const children = [1n, 2n, 3n].map((value) => {
    builder.startObject(1);
    builder.addFieldInt64(0, value, 0n);
    return builder.endObject();
  });
  builder.startVector(4, children.length, 4);
  for (const child of children.toReversed()) builder.addOffset(child);
  const vector = builder.endVector();
  builder.startObject(6);
  builder.addFieldInt8(0, -5, 0);
  builder.addFieldInt16(1, -500, 0);
  builder.addFieldInt64(2, -(2n ** 40n), 0n);
  builder.addFieldOffset(3, text, 0);
  builder.addFieldOffset(4, vector, 0);
  builder.addFieldOffset(5, children[1]!, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array().slice();
}

function readAll(bytes: Uint8Array) {
  const table = FlatbufferTable.root(bytes);
  return {
    int8: table.int8(0),
    int16: table.int16(1),
    int64: table.int64(2),
    text: table.string(3),
    children: table.tables(4, 10).map((child) => child.int64(0)),
    child: table.table(5)?.int64(0),
  };
}

describe('FlatbufferTable', () => {
  it('a table: is read as it was built', () => {
    assert.deepEqual(readAll(build()), {
      int8: -5,
      int16: -500,
      int64: -(2n ** 40n),
      text: 'täxt',
      children: [1n, 2n, 3n],
      child: 2n,
    });
  });

  it('bytes within a larger buffer: are read at their place', () => {
    const bytes = build();
    const outer = new Uint8Array(bytes.byteLength + 16).fill(0xee);
    outer.set(bytes, 5);
    const inner = outer.subarray(5, 5 + bytes.byteLength);
    assert.deepEqual(readAll(inner), readAll(bytes));
  });

  it('fields that are not there: have their defaults', () => {
    const builder = new Builder(16);
    builder.startObject(0);
    builder.finish(builder.endObject());
    assert.deepEqual(readAll(builder.asUint8Array()), {
      int8: 0,
      int16: 0,
      int64: 0n,
      text: '',
      children: [],
      child: undefined,
    });
  });

  it('a vector longer than its bound: is read up to it', () => {
    assert.equal(FlatbufferTable.root(build()).tables(4, 2).length, 2);
  });

  it('a string that ends in the bytes behind the table: is a RangeError', () => {
    const bytes = build();
    const outer = Buffer.concat([bytes, Buffer.alloc(1000)]);
    const lengthOffset = Buffer.from(bytes).indexOf('täxt') - 4;
    outer.writeUInt32LE(500, lengthOffset);
    const inner = outer.subarray(0, bytes.byteLength);
    assert.throws(() => FlatbufferTable.root(inner).string(3), RangeError);
  });

  it('cut at every byte: is read or is a RangeError', () => {
    const bytes = build();
    for (let length = 0; length < bytes.byteLength; length++) {
      assertBounded(bytes.slice(0, length));
    }
  });

  it('random changes: are read or are a RangeError', () => {
    const random = seededRandom();
    for (let round = 0; round < 20_000; round++) {
      const bytes = build();
      for (let change = random.below(4); change >= 0; change--) {
        bytes[random.below(bytes.byteLength)] = random.below(2) === 0 ? 255 : random.below(256);
      }
      assertBounded(bytes);
    }
  });
});

function assertBounded(bytes: Uint8Array): void {
  try {
    readAll(bytes);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
  }
}
