/** Options of whole numbers: within their bounds, and nothing else. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { wholeNumber } from '../../../src/commands/options/whole-number.ts';

it('whole number: within both bounds; all else names them', () => {
  const read = wholeNumber(1, 256);
  assert.deepEqual(['1', '256', '007'].map(read), [1, 256, 7]);
  for (const text of ['0', '257', '-1', '1.5', '1e2', '', ' 1', 'one']) {
    assert.throws(() => read(text), /whole number from 1 to 256/, text);
  }
});
