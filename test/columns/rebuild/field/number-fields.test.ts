import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bool,
  fixed32,
  fixed64,
  int32,
  optionalDouble,
  sint32,
  uint32,
} from '../../../../src/columns/rebuild/field/number-fields.ts';
import { doubleField, fixed32Field, fixed64Field, varintField } from '../../wire-writer.ts';
import { bits, columnsOf, f64, u32, u64, written } from '../columns-of.ts';

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}

test('numbers of 32 bits: each in its encoding, and 0 is left out', () => {
  const columns = columnsOf(3, { n: u32(0, 300, 0xffffffff) });
  const all = (field: Parameters<typeof written>[0]) =>
    [0, 1, 2].map((row) => written(field, columns, row));
  assert.deepEqual(all(uint32(1, 'n')), [
    '',
    hex(varintField(1, 300)),
    hex(varintField(1, 0xffffffff)),
  ]);
  assert.deepEqual(all(int32(1, 'n')), ['', hex(varintField(1, 300)), hex(varintField(1, -1n))]);
  assert.deepEqual(all(sint32(1, 'n')), ['', hex(varintField(1, 600)), hex(varintField(1, 1))]);
  assert.deepEqual(all(fixed32(16, 'n')), [
    '',
    hex(fixed32Field(16, 300)),
    hex(fixed32Field(16, 0xffffffff)),
  ]);
});

test('sint32: the ends of its range', () => {
  const columns = columnsOf(2, { n: u32(0x7fffffff, 0x80000000) });
  assert.equal(written(sint32(1, 'n'), columns, 0), hex(varintField(1, 0xfffffffe)));
  assert.equal(written(sint32(1, 'n'), columns, 1), hex(varintField(1, 0xffffffff)));
});

test('fixed64: NULL and 0 are left out, and what stands behind NULL means nothing', () => {
  const time = { ...u64(5n, 0n, null), data: u64(5n, 0n, 7n).data };
  const columns = columnsOf(3, { time });
  const found = [0, 1, 2].map((row) => written(fixed64(7, 'time'), columns, row));
  assert.deepEqual(found, [hex(fixed64Field(7, 5)), '', '']);
});

test('fixed64: a double without presence is left out if it is 0, and not if it is -0', () => {
  const columns = columnsOf(3, { sum: f64(0, -0, 1.5) });
  const found = [0, 1, 2].map((row) => written(fixed64(5, 'sum'), columns, row));
  assert.deepEqual(found, ['', hex(doubleField(5, -0)), hex(doubleField(5, 1.5))]);
});

test('optionalDouble: NULL is left out and 0 is not', () => {
  const columns = columnsOf(2, { sum: f64(null, 0) });
  assert.equal(written(optionalDouble(5, 'sum'), columns, 0), '');
  assert.equal(written(optionalDouble(5, 'sum'), columns, 1), hex(doubleField(5, 0)));
});

test('bool: only true is written', () => {
  const columns = columnsOf(3, { flag: bits(true, false, null) });
  const found = [0, 1, 2].map((row) => written(bool(3, 'flag'), columns, row));
  assert.deepEqual(found, ['1801', '', '']);
});
