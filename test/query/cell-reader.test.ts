/** Values of every type are read from buffers at any alignment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ArrowField } from '../../src/disk/ipc/arrow-schema.ts';
import { planBatchLayout } from '../../src/disk/ipc/column-layout.ts';
import { cellReader } from '../../src/query/cell-reader.ts';
import type { ArrowBatch, ArrowColumn } from '../../src/shared/arrow-batch.ts';

type Columns = Readonly<Record<string, Partial<ArrowColumn>>>;

function fieldOf(name: string, type: string, some: Partial<ArrowField> = {}): ArrowField {
  const shape = type === 'utf8' ? 'text' : type === 'binary' ? 'bytes' : 'fixed';
  return { name, type, shape, bits: 0, isNullable: true, children: [], ...some };
}

function valuesOf(field: ArrowField, rows: number, columns: Columns): unknown[] {
  const batch: ArrowBatch = {
    rows,
    column: (path) => {
      const none = { validity: undefined, offsets: undefined, data: new Uint8Array(0) };
      return { ...none, ...columns[path] };
    },
  };
  const [layout] = planBatchLayout([field]).columns;
  const read = cellReader(batch, layout!, (text) => ({ json: text }));
  return Array.from({ length: rows }, (_, row) => read(row));
}

/** Copies the bytes to an address that is not aligned for numbers. */
function unaligned(array: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(array.byteLength + 3).subarray(3);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return bytes;
}

describe('cell reader', () => {
  const numbers = [
    ['int32', 32, Int32Array.of(-1, 7), [-1, 7]],
    ['uint32', 32, Uint32Array.of(2 ** 32 - 1, 7), [2 ** 32 - 1, 7]],
    ['int64', 64, BigInt64Array.of(-(2n ** 63n), 7n), [-(2n ** 63n), 7n]],
    ['uint64', 64, BigUint64Array.of(2n ** 64n - 1n, 7n), [2n ** 64n - 1n, 7n]],
    ['timestamp(ns)', 64, BigInt64Array.of(1n, 2n), [1n, 2n]],
    ['float64', 64, Float64Array.of(-0, 0.1), [-0, 0.1]],
  ] as const;
  for (const [type, bits, array, expected] of numbers) {
    it(`${type}: each value`, () => {
      const field = fieldOf('x', type, { bits });
      assert.deepEqual(valuesOf(field, 2, { x: { data: unaligned(array) } }), expected);
    });
  }

  it('NULL, bool, text, bytes', () => {
    const data = Uint8Array.of(0b101);
    const bool = fieldOf('x', 'bool', { bits: 1 });
    const validity = Uint8Array.of(0b110);
    assert.deepEqual(valuesOf(bool, 3, { x: { validity, data } }), [null, false, true]);
    const text = { offsets: Int32Array.of(0, 2, 2, 4), data: Buffer.from('äab') };
    assert.deepEqual(valuesOf(fieldOf('x', 'utf8'), 3, { x: text }), ['ä', '', 'ab']);
    const bytes = { offsets: Int32Array.of(0, 1, 3), data: Uint8Array.of(1, 2, 3) };
    const found = valuesOf(fieldOf('x', 'binary'), 2, { x: bytes });
    assert.deepEqual(found, [Uint8Array.of(1), Uint8Array.of(2, 3)]);
  });

  it('columns of JSON go through the function, once for rows that follow each other', () => {
    const column = { offsets: Int32Array.of(0, 2, 4, 5), data: Buffer.from('{}{}x') };
    const [first, second, third] = valuesOf(fieldOf('attributes', 'utf8'), 3, {
      attributes: column,
    });
    assert.deepEqual([first, third], [{ json: '{}' }, { json: 'x' }]);
    assert.equal(first, second);
  });

  it('lists of structs, with NULL lists and members', () => {
    const member = fieldOf('n', 'int32', { bits: 32 });
    const item = fieldOf('item', 'struct', { shape: 'struct', children: [member] });
    const list = fieldOf('l', 'list', { shape: 'list', children: [item] });
    const columns = {
      l: { offsets: Int32Array.of(0, 2, 2, 3), validity: Uint8Array.of(0b101) },
      'l.item.n': { data: unaligned(Int32Array.of(1, 2, 3)), validity: Uint8Array.of(0b101) },
    };
    assert.deepEqual(valuesOf(list, 3, columns), [[{ n: 1 }, { n: null }], null, [{ n: 3 }]]);
  });
});
