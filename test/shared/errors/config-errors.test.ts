import assert from 'node:assert/strict';
import { it } from 'node:test';
import { configErrors } from '../../../src/shared/errors/config-errors.ts';
import { problem } from '../../../src/shared/errors.ts';

it('config errors: the message is the line of the reader, which names the place first', () => {
  const line = 'archer.yaml:3:5: batch.max_rows: "x" must be a whole number';
  assert.equal(problem('ERR_ARCHER_SETTING_INVALID', { problem: line }).message, line);
});

it('config errors: none passes by itself', () => {
  for (const { retry } of Object.values(configErrors)) assert.equal(retry, false);
});
