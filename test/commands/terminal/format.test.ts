/** Sizes, times and tables as the commands show them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatBytes, formatTable, formatTime } from '../../../src/commands/terminal/format.ts';

it('formatBytes: takes the largest unit that leaves at least one', () => {
  const sizes = [0, 1023, 1024, 10 * 1024 * 1024 + 300_000, 2 ** 40, 2 ** 50];
  assert.deepEqual(sizes.map(formatBytes), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '10.3 MiB',
    '1.0 TiB',
    '1024.0 TiB',
  ]);
});

it('formatTime: keeps every nanosecond', () => {
  assert.equal(formatTime(1_700_000_000_123_456_789n), '2023-11-14T22:13:20.123456789Z');
  assert.equal(formatTime(null), '');
});

it('formatTable: aligns text to the left and numbers to the right', () => {
  const table = formatTable(
    ['name', 'rows'],
    [
      ['a', 5],
      ['long', 1000],
    ],
  );
  assert.equal(table, 'name  rows\na        5\nlong  1000');
});
