/** The silent journal says nothing. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { silentJournal } from '../../src/shared/journal.ts';

it('silentJournal: takes every message and answers nothing', () => {
  assert.equal(silentJournal.write('error', 'gone', { bytes: 1n }), undefined);
});
