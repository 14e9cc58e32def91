import assert from 'node:assert/strict';
import { test } from 'node:test';
import { id, text } from '../../../../src/columns/rebuild/field/text-fields.ts';
import { field } from '../../wire-writer.ts';
import { columnsOf, texts, written } from '../columns-of.ts';

test('text: it is written unless it is empty or NULL', () => {
  const columns = columnsOf(3, { name: texts('ä', '', null) });
  const found = [0, 1, 2].map((row) => written(text(5, 'name'), columns, row));
  assert.deepEqual(found, [field(5, 'ä').toString('hex'), '', '']);
});

test('text: a row that is not UTF-8 is a fault of its column, its neighbours are not', () => {
  const columns = columnsOf(3, { name: texts('a', Buffer.from([0xc3]), 'ä') });
  assert.equal(written(text(5, 'name'), columns, 0), field(5, 'a').toString('hex'));
  assert.equal(written(text(5, 'name'), columns, 2), field(5, 'ä').toString('hex'));
  assert.throws(() => written(text(5, 'name'), columns, 1), { column: 'name' });
});

test('text: an offset within a character is a fault of both rows', () => {
  const name = { ...texts('', 'ä'), offsets: Int32Array.of(0, 1, 2) };
  for (const row of [0, 1]) {
    const write = () => written(text(5, 'name'), columnsOf(2, { name }), row);
    assert.throws(write, { message: 'the text is not UTF-8' });
  }
});

test('id: hex of any length becomes bytes; NULL and the empty id are left out', () => {
  const columns = columnsOf(4, { id: texts('00ff7a', 'AB', '', null) });
  const found = [0, 1, 2, 3].map((row) => written(id(1, 'id'), columns, row));
  assert.deepEqual(found, ['0a0300ff7a', '0a01ab', '', '']);
});

for (const broken of ['0', 'abc', 'xy', '0g', 'ä', '0x']) {
  test(`id: ${broken} is a fault`, () => {
    const columns = columnsOf(1, { id: texts(broken) });
    assert.throws(() => written(id(1, 'id'), columns), { message: 'the id is not hex' });
  });
}
