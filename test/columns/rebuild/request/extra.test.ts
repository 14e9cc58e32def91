import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtraColumn } from '../../../../src/columns/rebuild/request/extra.ts';
import { type Bytes, field, join, noBytes, varintField } from '../../wire-writer.ts';
import { columnsOf, texts } from '../columns-of.ts';

function read(value: Bytes | null) {
  const column = new ExtraColumn();
  column.load(columnsOf(1, { otlp_extra: texts(value) }));
  return column.read(0);
}

test('otlp_extra: NULL has nothing; parts may be empty', () => {
  assert.deepEqual(read(null), {});
  assert.deepEqual(read(noBytes), {});
  assert.deepEqual(read(field(3, noBytes)), { resource: noBytes });
});

test('otlp_extra: each part has its name', () => {
  const parts = [1, 2, 3, 4, 5, 6, 7].map((number) => field(number, `${number}`));
  const found = read(join(...parts, varintField(8, 1)));
  assert.deepEqual(
    Object.entries(found).map(([name, value]) => `${name} ${value}`),
    [
      'request 1',
      'resourceGroup 2',
      'resource 3',
      'scopeGroup 4',
      'scope 5',
      'metric 6',
      'record 7',
      'hasNoPoints true',
    ],
  );
});

const broken: readonly [string, Bytes, string][] = [
  ['a part twice', join(field(3, 'a'), field(3, 'b')), 'its parts are in no order'],
  ['parts in another order', join(field(3, 'a'), field(1, 'b')), 'its parts are in no order'],
  ['an unknown part', field(9, 'a'), 'it has an unknown part'],
  ['another wire type', varintField(3, 1), 'it has an unknown part'],
  ['a length that is too long', Buffer.from([0x1a, 0x05, 0x00]), 'it is cut short'],
  ['a length without end', Buffer.from([0x1a, 0xff]), 'it is cut short'],
  ['a tag without end', Buffer.alloc(20, 0xff), 'it is cut short'],
];
for (const [what, value, sentence] of broken) {
  test(`otlp_extra: ${what}: ${sentence}`, () => {
    assert.throws(() => read(value), { column: 'otlp_extra', message: sentence });
  });
}
