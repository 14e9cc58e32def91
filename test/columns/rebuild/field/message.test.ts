import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Message,
  messages,
  optionalMessage,
} from '../../../../src/columns/rebuild/field/message.ts';
import { uint32 } from '../../../../src/columns/rebuild/field/number-fields.ts';
import { text } from '../../../../src/columns/rebuild/field/text-fields.ts';
import { field, join, message, noBytes, varintField } from '../../wire-writer.ts';
import { columnsOf, list, texts, u32, written } from '../columns-of.ts';

test('Message: its fields one behind the other', () => {
  const columns = columnsOf(1, { name: texts('x'), count: u32(7) });
  const found = written(new Message([text(1, 'name'), uint32(2, 'count')]), columns);
  assert.equal(found, join(field(1, 'x'), varintField(2, 7)).toString('hex'));
});

test('optionalMessage: it is there, even empty, where the column is not NULL', () => {
  const columns = columnsOf(3, { name: texts('x', '', null) });
  const found = [0, 1, 2].map((row) =>
    written(optionalMessage(15, 'name', [text(2, 'name')]), columns, row),
  );
  const expected = [message(15, field(2, 'x')), field(15, noBytes), noBytes];
  assert.deepEqual(
    found,
    expected.map((bytes) => bytes.toString('hex')),
  );
});

test('messages: one for each item of the row, even empty ones', () => {
  const columns = columnsOf(3, {
    events: list(2, 0, 1),
    'events.item.name': texts('a', '', 'b'),
  });
  const found = [0, 1, 2].map((row) =>
    written(messages(11, 'events', [text(2, 'name')]), columns, row),
  );
  assert.deepEqual(found, [
    join(message(11, field(2, 'a')), field(11, noBytes)).toString('hex'),
    '',
    message(11, field(2, 'b')).toString('hex'),
  ]);
});
