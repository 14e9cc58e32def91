import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnumNames, enumeration } from '../../../../src/columns/rebuild/field/enum-field.ts';
import { varintField } from '../../wire-writer.ts';
import { columnsOf, texts, written } from '../columns-of.ts';

const names = ['UNSET', 'OK', 'ERROR'];

test('enumeration: a name is its number, decimal text a number without a name', () => {
  const columns = columnsOf(6, { code: texts('OK', 'UNSET', '7', '-1', null, '-2147483648') });
  const found = [0, 1, 2, 3, 4, 5].map((row) =>
    written(enumeration(3, 'code', names), columns, row),
  );
  const hex = (value: bigint) => varintField(3, value).toString('hex');
  assert.deepEqual(found, [hex(1n), '', hex(7n), hex(-1n), '', hex(-2147483648n)]);
});

for (const text of ['', 'ok', 'OKAY', '1.5', '2147483648', ' 1', '0x1', '1e3']) {
  test(`enumeration: "${text}" is a fault`, () => {
    const columns = columnsOf(1, { code: texts(text) });
    assert.throws(() => written(enumeration(3, 'code', names), columns), {
      column: 'code',
      message: 'neither a name nor a number',
    });
  });
}

test('EnumNames: a name has its place, NULL has none, another text is a fault', () => {
  const types = new EnumNames('type', names);
  types.load(columnsOf(3, { type: texts('ERROR', null, '1') }));
  assert.equal(types.place(0), 2);
  assert.equal(types.place(1), undefined);
  assert.throws(() => types.place(2), { message: 'the name is unknown' });
});
