import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAttributes, writeValue } from '../../../../src/columns/rebuild/value/any-value.ts';
import { WireWriter } from '../../../../src/columns/rebuild/wire/wire-writer.ts';
import {
  attribute,
  doubleField,
  field,
  join,
  message,
  noBytes,
  varintField,
} from '../../wire-writer.ts';
import { columnsOf, texts } from '../columns-of.ts';

const attributesTag = (9 << 3) | 2;

/** Returns what is written for the text, which is followed by another row. */
function attributes(text: string): Buffer {
  const out = new WireWriter();
  const column = columnsOf(2, { json: texts(text, '{"next":"row"}') }).texts('json');
  writeAttributes(out, attributesTag, column, 0);
  return Buffer.from(out.content());
}

function value(text: string): Buffer {
  const out = new WireWriter();
  writeValue(out, columnsOf(2, { json: texts(text, '1') }).texts('json'), 0);
  return Buffer.from(out.content());
}

test('attributes: an object is a KeyValue for each member, in order, doubles included', () => {
  assert.deepEqual(attributes('{}'), noBytes);
  assert.deepEqual(
    attributes('{"b":1,"a":"x","b":2}'),
    join(
      field(9, attribute('b', varintField(3, 1))),
      field(9, attribute('a', field(1, 'x'))),
      field(9, attribute('b', varintField(3, 2))),
    ),
  );
});

test('attributes: the empty key is left out, null is a value without a member', () => {
  assert.deepEqual(attributes('{"":null}'), field(9, field(2, noBytes)));
  assert.deepEqual(attributes('{"k":null}'), field(9, attribute('k', noBytes)));
});

test('attributes: white space between the tokens says nothing', () => {
  assert.deepEqual(attributes(' { "k" :\n[ 1 , true ] } '), attributes('{"k":[1,true]}'));
});

test('value: each kind is its member, written even where it is empty or 0', () => {
  assert.deepEqual(value('""'), field(1, ''));
  assert.deepEqual(value('true'), varintField(2, 1));
  assert.deepEqual(value('false'), varintField(2, 0));
  assert.deepEqual(value('0'), varintField(3, 0));
  assert.deepEqual(value('-0.0'), doubleField(4, -0));
  assert.deepEqual(value('[]'), field(5, ''));
  assert.deepEqual(value('{}'), field(6, ''));
  assert.deepEqual(value('null'), noBytes);
});

test('value: arrays and objects nest', () => {
  assert.deepEqual(
    value('[null,[1],{"a":["x"]}]'),
    message(
      5,
      field(1, noBytes),
      message(1, message(5, message(1, varintField(3, 1)))),
      message(1, message(6, field(1, attribute('a', message(5, message(1, field(1, 'x'))))))),
    ),
  );
});

test('value: 64 levels are read and 65 refused, as by the decoder', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  assert.ok(value(nested(64)).length > 0);
  assert.throws(() => value(nested(65)), /^Error: values nest too deep/);
  assert.throws(() => value('['.repeat(100_000)), /^Error: values nest too deep/);
});

for (const [text, what] of [
  ['', 'an object is expected'],
  ['null', 'an object is expected'],
  ['[]', 'an object is expected'],
  ['{', 'a key is expected'],
  ['{,}', 'a key is expected'],
  ['{a:1}', 'a key is expected'],
  ['{"a":1,}', 'a key is expected'],
  ['{"a"}', 'a colon is expected'],
  ['{"a" 1}', 'a colon is expected'],
  ['{"a":}', 'a value is expected'],
  ['{"a":x}', 'a value is expected'],
  ['{"a":nul}', 'null is misspelt'],
  ['{"a":tru', 'true is misspelt'],
  ['{"a":1', 'a comma or a brace is expected'],
  ['{"a":1]', 'a comma or a brace is expected'],
  ['{"a":[1', 'a comma or a bracket is expected'],
  ['{"a":[1}', 'a comma or a bracket is expected'],
  ['{"a":[1,]}', 'a value is expected'],
  ['{"a":"', 'a string has no end'],
  ['{}x', 'text follows the value'],
  ['{}{}', 'text follows the value'],
] as const) {
  test(`attributes: ${text} is refused: ${what}`, () => {
    assert.throws(() => attributes(text), new RegExp(`^Error: ${what}, at byte`));
  });
}
