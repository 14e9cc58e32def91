import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNull } from '../../../../src/columns/rebuild/column/columns.ts';
import type { ArrowColumn } from '../../../../src/shared/arrow-batch.ts';
import { bits, columnsOf, list, texts, u32, u64 } from '../columns-of.ts';

const path = 'c';

function faultOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    const { column, message } = error as Error & { column: string };
    return `${column}: ${message}`;
  }
  return 'none';
}

test('Columns: a column that is missing is a fault with its whole name', () => {
  const events = columnsOf(1, { events: list(1) }).list('events').items;
  assert.equal(
    faultOf(() => events.struct('item').texts('name')),
    'events.item.name: the batch has no such column',
  );
});

test('Columns: NULL is what the bitmap says', () => {
  const values = columnsOf(9, { [path]: texts('a', null, 'b', '', '', '', '', '', null) });
  const found = Array.from({ length: 9 }, (_, row) => isNull(values.texts(path), row));
  assert.deepEqual(found, [false, true, false, false, false, false, false, false, true]);
});

test('Columns: values at any address are read', () => {
  const odd = new Uint8Array(9).subarray(1);
  odd.set(u64(0x0102030405060708n).data);
  const column = { validity: undefined, offsets: undefined, data: odd };
  const { words } = columnsOf(1, { [path]: column }).numbers(path, 8);
  assert.deepEqual([...words], [0x05060708, 0x01020304]);
});

const short: readonly [string, ArrowColumn, string][] = [
  ['values', { ...u32(1) }, 'its values are cut short'],
  ['a bitmap', { ...u32(1, 2), validity: new Uint8Array(0) }, 'its validity is cut short'],
];
for (const [what, column, sentence] of short) {
  test(`Columns: ${what} too short for the rows: ${sentence}`, () => {
    const read = () => columnsOf(2, { [path]: column }).numbers(path, 4);
    assert.equal(faultOf(read), `${path}: ${sentence}`);
  });
}

test('Columns: bits too short for the rows are a fault', () => {
  const column = { ...bits(true), data: new Uint8Array(1) };
  assert.equal(
    faultOf(() => columnsOf(9, { [path]: column }).bits(path)),
    `${path}: its values are cut short`,
  );
});

const brokenOffsets: readonly [string, Int32Array | undefined, string][] = [
  ['missing', undefined, 'its offsets are cut short'],
  ['too few', Int32Array.of(0, 1), 'its offsets are cut short'],
  ['falling', Int32Array.of(0, 2, 1), 'its offsets fall'],
  ['falling by all there is', Int32Array.of(2 ** 31 - 1, 0, 1), 'its offsets fall'],
  ['negative', Int32Array.of(-1, 0, 1), 'its offsets fall'],
  ['outside', Int32Array.of(0, 1, 4), 'its values are cut short'],
];
for (const [what, offsets, sentence] of brokenOffsets) {
  test(`Columns: offsets ${what}: ${sentence}`, () => {
    const column = { ...texts('a', 'bc'), offsets };
    const columns = columnsOf(2, { [path]: column });
    assert.equal(
      faultOf(() => columns.texts(path)),
      `${path}: ${sentence}`,
    );
  });
}

test('Columns: a list of more items than there are is a fault of the items', () => {
  const columns = columnsOf(1, { l: list(3), 'l.item': u64(1n, 2n) });
  assert.equal(
    faultOf(() => columns.list('l').items.numbers('item', 8)),
    'l.item: its values are cut short',
  );
});
