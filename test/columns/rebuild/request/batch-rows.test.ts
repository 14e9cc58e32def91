import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchRows } from '../../../../src/columns/rebuild/request/batch-rows.ts';
import { columnsOf, texts, u32, u64 } from '../columns-of.ts';

function rowsOf(selection?: Uint8Array): BatchRows {
  const columns = columnsOf(5, {
    batch_id: u64(1n, 1n, 1n + 2n ** 48n, 1n + 2n ** 48n, 2n),
    scope_index: u32(0, 0, 0, 1, 1),
    otlp_extra: texts(null, null, null, null, Buffer.from([0x3a, 0])),
  });
  const rows = new BatchRows();
  rows.load(columns, ['batch_id', 'scope_index'], selection);
  return rows;
}

test('BatchRows: a group ends where the number changes, in either half, or at the end', () => {
  const rows = rowsOf();
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((row) => rows.groupEnd('batch_id', row, 5)),
    [2, 2, 4, 4, 5],
  );
  assert.equal(rows.groupEnd('scope_index', 0, 2), 2);
  assert.equal(rows.groupEnd('scope_index', 0, 5), 3);
});

test('BatchRows: without a selection all rows are selected', () => {
  const rows = rowsOf();
  assert.ok(rows.isSelected(4) && rows.hasSelected(0, 5));
  assert.equal(rows.countSelected(1, 4), 3);
});

test('BatchRows: a selection says which rows, and so which groups', () => {
  const rows = rowsOf(Uint8Array.of(0, 0, 1, 0, 1));
  assert.equal(rows.isSelected(1), false);
  assert.equal(rows.isSelected(2), true);
  assert.equal(rows.hasSelected(0, 2), false);
  assert.equal(rows.hasSelected(1, 3), true);
  assert.equal(rows.countSelected(0, 5), 2);
});

test('BatchRows: it goes to a row for what is extra, and remembers which it was', () => {
  const rows = rowsOf();
  assert.deepEqual(rows.visit(1), {});
  assert.deepEqual(rows.visit(4).record?.length, 0);
  assert.equal(rows.lastVisited, 4);
});
