/** The name that somebody meant. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearestName, proposal } from '../../src/config/nearest-name.ts';

const names = ['batch.max_rows', 'batch.max_age', 'grpc.port', 'http.port', 'tls', 'preset'];

it('nearestName: letters left out, added, changed or swapped, and other ways to part words', () => {
  const pairs = [
    ['batch.max_row', 'batch.max_rows'],
    ['batch.maxRows', 'batch.max_rows'],
    ['batch-max-age', 'batch.max_age'],
    ['htpt.port', 'http.port'],
    ['GRPC.PORT', 'grpc.port'],
    ['lts', 'tls'],
    ['presset', 'preset'],
  ];
  for (const [mistyped = '', meant] of pairs) assert.equal(nearestName(mistyped, names), meant);
});

it('nearestName: nothing that is far away', () => {
  for (const mistyped of ['', 'x', 'ab', 'storage', 'batch', '---']) {
    assert.equal(nearestName(mistyped, names), undefined, mistyped);
  }
  assert.equal(nearestName('x', []), undefined);
});

it('proposal: a question, or nothing', () => {
  assert.equal(proposal('presets', names), '; did you mean preset?');
  assert.equal(proposal('storage', names), '');
});
