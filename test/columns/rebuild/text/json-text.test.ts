import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOfText, JsonText } from '../../../../src/columns/rebuild/text/json-text.ts';
import { columnsOf, texts } from '../columns-of.ts';
import { jsonOf } from '../json-of.ts';

test('JsonText: white space is passed over, and nothing behind the end is read', () => {
  const json = jsonOf(' \t\r\n{ ', '}');
  assert.ok(json.take(0x7b));
  assert.equal(json.take(0x7d), false);
  assert.equal(json.peek(), endOfText);
});

test('JsonText: a word is taken whole or is a fault that names column and byte', () => {
  const json = jsonOf('nulltrue');
  json.takeWord('null');
  assert.throws(() => json.takeWord('trust'), {
    column: 'json',
    message: 'trust is misspelt, at byte 7',
  });
});

test('JsonText: a row that is not UTF-8 is a fault, and its neighbours are read', () => {
  const column = columnsOf(3, { json: texts('1', Buffer.from([0x80]), '2') }).texts('json');
  const json = new JsonText();
  json.startAt(column, 0);
  json.startAt(column, 2);
  assert.throws(() => json.startAt(column, 1), { message: 'the text is not UTF-8' });
});
