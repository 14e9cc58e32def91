import assert from 'node:assert/strict';
import { it } from 'node:test';
import { commandErrors } from '../../../src/shared/errors/command-errors.ts';
import { problem } from '../../../src/shared/errors.ts';

it('command errors: a file that exists is not replaced without --force', () => {
  const { message } = problem('ERR_ARCHER_OUTPUT_EXISTS', { path: 'spans.csv' });
  assert.equal(
    message,
    'spans.csv exists. Choose another --output, or replace the file with --force.',
  );
  assert.equal(commandErrors.ERR_ARCHER_OUTPUT_EXISTS.retry, false);
});
