/** Each kind of value has its text, within lists too. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csvField, rawJson } from '../../../src/commands/export/csv-field.ts';
import type { ArrowField } from '../../../src/disk/ipc/arrow-schema.ts';

function fieldOf(type: string, some: Partial<ArrowField> = {}): ArrowField {
  return { name: 'x', type, shape: 'fixed', bits: 64, isNullable: true, children: [], ...some };
}

const listOf = (item: ArrowField) => fieldOf('list', { shape: 'list', children: [item] });

describe('CSV field', () => {
  const text = fieldOf('utf8', { shape: 'text' });
  const cases: readonly (readonly [string, ArrowField, unknown, string])[] = [
    ['NULL', text, null, ''],
    ['the empty text', text, '', '""'],
    ['plain text', text, 'a b', 'a b'],
    ['a comma', text, 'a,b', '"a,b"'],
    ['a quote', text, 'a"b', '"a""b"'],
    ['a line end', text, 'a\nb', '"a\nb"'],
    ['JSON', text, rawJson('{"a":1}'), '"{""a"":1}"'],
    ['a great integer', fieldOf('int64'), 2n ** 63n - 1n, '9223372036854775807'],
    ['a small integer', fieldOf('int32'), -1, '-1'],
    ['a double', fieldOf('float64'), 0.1, '0.1'],
    ['minus zero', fieldOf('float64'), -0, '-0'],
    ['NaN', fieldOf('float64'), NaN, 'NaN'],
    ['infinity', fieldOf('float64'), -Infinity, '-Infinity'],
    ['a truth', fieldOf('bool'), false, 'false'],
    ['a time', fieldOf('timestamp(ns)'), 1n, '1970-01-01T00:00:00.000000001Z'],
    ['bytes', fieldOf('binary', { shape: 'bytes' }), Uint8Array.of(255, 0), '/wA='],
    ['no items', listOf(fieldOf('uint64')), [], '[]'],
    ['integers', listOf(fieldOf('uint64')), [2n ** 64n - 1n, 0n], '"[18446744073709551615,0]"'],
    ['doubles', listOf(fieldOf('float64')), [0.5, -0, NaN], '"[0.5,-0,""NaN""]"'],
  ];
  for (const [name, field, value, expected] of cases) {
    it(name, () => assert.equal(csvField(field, value), expected));
  }

  it('structs in a list: their JSON as it is, times as text', () => {
    const item = fieldOf('struct', {
      shape: 'struct',
      children: [
        fieldOf('timestamp(ns)', { name: 'time' }),
        fieldOf('utf8', { name: 'name', shape: 'text' }),
        fieldOf('utf8', { name: 'attributes', shape: 'text' }),
        fieldOf('float64', { name: 'value' }),
      ],
    });
    const value = [{ time: 1n, name: 'a"b', attributes: rawJson('{"i":200.0}'), value: null }];
    const found = csvField(listOf(item), value).slice(1, -1).replaceAll('""', '"');
    const time = '"1970-01-01T00:00:00.000000001Z"';
    assert.equal(found, `[{"time":${time},"name":"a\\"b","attributes":{"i":200.0},"value":null}]`);
  });
});
