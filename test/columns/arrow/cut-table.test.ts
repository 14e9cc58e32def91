/** Tests the table that describes a cut batch. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryKind, readCutTable } from '../../../src/columns/arrow/cut-table.ts';

function tableOf(...words: number[]): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(64 + words.length * 4);
  new Uint32Array(memory, 64).set(words);
  return memory;
}

describe('cut table', () => {
  it('entries: read in order, each with its own address', () => {
    const memory = tableOf(entryKind.node, 0, 10, 2, entryKind.hex, 0xfffffff0, 0x80000000, 7);
    assert.deepEqual(readCutTable(memory, 64, 2), [
      { entry: 64, kind: entryKind.node, address: 0, bytes: 10, aux: 2 },
      { entry: 80, kind: entryKind.hex, address: 0xfffffff0, bytes: 0x80000000, aux: 7 },
    ]);
  });

  it('entries: none', () => {
    assert.deepEqual(readCutTable(tableOf(), 64, 0), []);
  });

  it('entries: an unknown kind is a broken invariant', () => {
    assert.throws(() => readCutTable(tableOf(7, 0, 0, 0), 64, 1), /a cut entry has a kind/);
  });
});
