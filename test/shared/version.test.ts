/** The version is that of the package. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { packageVersion } from '../../src/shared/version.ts';

it('packageVersion: is a semantic version', () => {
  assert.match(packageVersion(), /^\d+\.\d+\.\d+/);
});
