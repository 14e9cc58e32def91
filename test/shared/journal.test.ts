/** The journal that discards everything, and the journal that writes each entry once. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onceJournal, silentJournal } from '../../src/shared/journal.ts';

it('silentJournal: takes every message and answers nothing', () => {
  assert.equal(silentJournal.write('error', 'gone', { bytes: 1n }), undefined);
});

it('onceJournal: an entry with the same message and fields is written once', () => {
  const written: unknown[] = [];
  const journal = onceJournal({
    write: (_level, message, fields) => written.push([message, fields]),
  });
  journal.write('warn', 'damaged', { path: 'a' });
  journal.write('warn', 'damaged', { path: 'a' });
  journal.write('warn', 'damaged', { path: 'b' });
  assert.deepEqual(written, [
    ['damaged', { path: 'a' }],
    ['damaged', { path: 'b' }],
  ]);
});
