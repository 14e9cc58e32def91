import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ArcherError,
  errorChapters,
  isRetryable,
  problem,
  problemOf,
} from '../../src/shared/errors.ts';

const facts = { directory: './output', holder: '17 (OTLP/HTTP on port 4318)' };
const held = problem('ERR_ARCHER_DIRECTORY_HELD', facts);

describe('errors', () => {
  it('problem: fills the sentence and the remedy with the facts, in one line', () => {
    assert.deepEqual(held, {
      code: 'ERR_ARCHER_DIRECTORY_HELD',
      message:
        './output is in use by process 17 (OTLP/HTTP on port 4318). ' +
        'Stop that process, or choose another output_dir.',
    });
  });

  it('problem: takes a fact as it is, braces included', () => {
    const odd = problem('ERR_ARCHER_USAGE_INVALID', { problem: 'no {problem} and no $&' });
    assert.equal(odd.message, 'no {problem} and no $&');
  });

  it('problem: adds no second full stop to a reason that has one', () => {
    const facts = { directory: 'd', reason: 'no room.' };
    const { message } = problem('ERR_ARCHER_DIRECTORY_UNREADABLE', facts);
    assert.match(message, /^output_dir d cannot be read: no room\. Check/);
  });

  it('ArcherError: carries the code, the message, whether to retry, and the cause', () => {
    const cause = new Error('no');
    const error = new ArcherError(held, { cause });
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'ArcherError');
    assert.equal(error.code, held.code);
    assert.equal(error.message, held.message);
    assert.equal(error.retryable, true);
    assert.equal(error.cause, cause);
    assert.equal(String(error), `ArcherError: ${held.message}`);
  });

  it('problemOf: gives the problem of an ArcherError, and one code to everything else', () => {
    assert.deepEqual(problemOf(new ArcherError(held)), held);
    assert.match(problemOf(new TypeError('x is undefined')).message, /: x is undefined\. Please/);
    assert.equal(problemOf('text').code, 'ERR_ARCHER_INTERNAL');
  });

  it('isRetryable: is true for what passes by itself, false for what the caller must change', () => {
    assert.equal(isRetryable('ERR_ARCHER_INTAKE_FULL'), true);
    assert.equal(isRetryable('ERR_ARCHER_REQUEST_MALFORMED'), false);
  });

  it('codes: are valid reasons of google.rpc.ErrorInfo, and each stands in one chapter', () => {
    const codes = Object.values(errorChapters).flatMap((entries) => Object.keys(entries));
    assert.equal(new Set(codes).size, codes.length);
    for (const code of codes) assert.match(code, /^[A-Z][A-Z0-9_]{0,61}[A-Z0-9]$/);
  });

  it('texts: a sentence has no full stop, all other texts end with one', () => {
    for (const [code, entry] of Object.values(errorChapters).flatMap(Object.entries)) {
      assert.doesNotMatch(entry.sentence, /[.;:]$/, code);
      assert.match(entry.explanation, /\.$/, code);
      if (entry.remedy !== '') assert.match(entry.remedy, /(\.|^\{hint\})$/, code);
      if (entry.retry !== false) assert.match(entry.retry, /^[a-z].*[^.]$/, code);
    }
  });
});
