import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributes } from '../../../../src/columns/rebuild/field/attributes-field.ts';
import { field, stringAttribute } from '../../wire-writer.ts';
import { columnsOf, texts, written } from '../columns-of.ts';

test('attributes: each row has its own; NULL has none', () => {
  const columns = columnsOf(3, { json: texts('{"a":"b"}', '{}', null) });
  const found = [0, 1, 2].map((row) => written(attributes(9, 'json'), columns, row));
  assert.deepEqual(found, [field(9, stringAttribute('a', 'b')).toString('hex'), '', '']);
});

test('attributes: a fault names the column', () => {
  const columns = columnsOf(1, { json: texts('{') });
  assert.throws(() => written(attributes(9, 'json'), columns), { column: 'json' });
});
