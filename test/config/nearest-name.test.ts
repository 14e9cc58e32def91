/** The name that a mistyped name most likely stands for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearestName, suggestion } from '../../src/config/nearest-name.ts';

const names = ['batch.max_rows', 'batch.max_age', 'grpc.port', 'http.port', 'tls', 'preset'];

it('nearestName: letters that are missing, added, changed or swapped, and other separators', () => {
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

it('nearestName: no name that is far away', () => {
  for (const mistyped of ['', 'x', 'ab', 'storage', 'batch', '---']) {
    assert.equal(nearestName(mistyped, names), undefined, mistyped);
  }
  assert.equal(nearestName('x', []), undefined);
});

it('suggestion: a question, or an empty text', () => {
  assert.equal(suggestion('presets', names), '; did you mean preset?');
  assert.equal(suggestion('storage', names), '');
});
