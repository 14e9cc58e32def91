import assert from 'node:assert/strict';
import { it } from 'node:test';
import { faultErrors, queryErrors } from '../../../src/shared/errors/archive-errors.ts';
import { problem } from '../../../src/shared/errors.ts';

it('query errors: a time that is none is answered with the forms of a time', () => {
  const { message } = problem('ERR_ARCHER_TIME_INVALID', { name: 'from', text: 'noon' });
  assert.match(message, /^from: noon is not a time\. Write RFC 3339 such as 2026-.*-15m\.$/);
  assert.equal(queryErrors.ERR_ARCHER_TIME_INVALID.retry, false);
});

it('fault errors: each names the file, the place in it, and what is wrong', () => {
  for (const { sentence, remedy } of Object.values(faultErrors)) {
    assert.equal(sentence, '{path}: at byte {offset}: {what}');
    assert.equal(remedy, '');
  }
});
