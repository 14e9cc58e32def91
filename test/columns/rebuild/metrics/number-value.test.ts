import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAsDouble, valueAsInt } from '../../../../src/columns/rebuild/metrics/number-value.ts';
import { doubleField, fixed64Field } from '../../wire-writer.ts';
import { columnsOf, f64, texts, u64, written } from '../columns-of.ts';

const columns = columnsOf(4, {
  value: f64(0, -5, null, 1),
  value_int: u64(0n, -5n, 0n, 0n),
  value_type: texts('double', 'int', null, 'text'),
});

test('value: the member that value_type names is written, whatever it is', () => {
  const doubles = [0, 1, 2].map((row) => written(valueAsDouble(4), columns, row));
  const ints = [0, 1, 2].map((row) => written(valueAsInt(6), columns, row));
  assert.deepEqual(doubles, [doubleField(4, 0).toString('hex'), '', '']);
  assert.deepEqual(ints, ['', fixed64Field(6, -5n).toString('hex'), '']);
});

test('value: a type that is none is a fault', () => {
  assert.throws(() => written(valueAsDouble(4), columns, 3), { column: 'value_type' });
});
