import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../../../../src/columns/rebuild/field/text-fields.ts';
import { BatchRows } from '../../../../src/columns/rebuild/request/batch-rows.ts';
import { RowWriter } from '../../../../src/columns/rebuild/request/signal-records.ts';
import { WireWriter } from '../../../../src/columns/rebuild/wire/wire-writer.ts';
import { field, join, message } from '../../wire-writer.ts';
import { columnsOf, texts } from '../columns-of.ts';

const kept = field(7, Buffer.from('raw'));
const columns = columnsOf(3, {
  name: texts('a', 'b', 'x'.repeat(200)),
  otlp_extra: texts(null, kept, null),
});

function written(selection?: Uint8Array): Buffer {
  const rows = new BatchRows();
  rows.load(columns, [], selection);
  const encoder = new RowWriter([text(5, 'name')]);
  encoder.load(columns);
  const out = new WireWriter();
  encoder.write(out, rows, 0, 3);
  return Buffer.from(out.content());
}

const records = [
  message(2, field(5, 'a')),
  field(2, Buffer.from('raw')),
  message(2, field(5, 'x'.repeat(200))),
];

test('RowWriter: each row is a record; one that was kept raw is put out as it is', () => {
  assert.deepEqual(written(), join(...records));
});

test('RowWriter: rows that are not selected are left out', () => {
  assert.deepEqual(written(Uint8Array.of(1, 0, 1)), join(records[0]!, records[2]!));
});
