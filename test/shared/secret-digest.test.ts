/** Comparison of secrets by their digests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSameDigest, secretDigest } from '../../src/shared/secret-digest.ts';

describe('secret-digest', () => {
  it('secretDigest: has 32 bytes for secrets of any length', () => {
    for (const secret of ['', 's3cret', 'x'.repeat(9_000)]) {
      assert.equal(secretDigest(secret).length, 32);
    }
  });

  it('isSameDigest: true for equal secrets only', () => {
    const known = secretDigest('s3cret');
    assert.equal(isSameDigest(known, secretDigest('s3cret')), true);
    for (const given of ['', 's3cre', 's3cret ', 'S3cret']) {
      assert.equal(isSameDigest(known, secretDigest(given)), false, given);
    }
  });
});
