import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  packedFixed64,
  packedUint64,
} from '../../../../src/columns/rebuild/field/packed-fields.ts';
import { field, join, varint } from '../../wire-writer.ts';
import { columnsOf, list, u64, written } from '../columns-of.ts';

const columns = columnsOf(3, {
  counts: list(2, 0, 1),
  'counts.item': u64(1n, 2n ** 64n - 1n, 300n),
});

test('packed numbers: the items of the row behind one length; none are left out', () => {
  const varints = [0, 1, 2].map((row) => written(packedUint64(2, 'counts'), columns, row));
  assert.deepEqual(varints, [
    field(2, join(varint(1), varint(2n ** 64n - 1n))).toString('hex'),
    '',
    field(2, varint(300)).toString('hex'),
  ]);
  const fixed = written(packedFixed64(6, 'counts'), columns, 2);
  assert.equal(fixed, '32082c01000000000000');
});
