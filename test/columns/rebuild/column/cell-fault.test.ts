import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellFault } from '../../../../src/columns/rebuild/column/cell-fault.ts';

test('CellFault: it says which column, and what', () => {
  const fault = new CellFault('events.item.name', 'the text is not UTF-8');
  assert.equal(fault.column, 'events.item.name');
  assert.equal(fault.message, 'the text is not UTF-8');
});
