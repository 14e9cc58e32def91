/** An invariant that does not hold throws. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { invariant } from '../../src/shared/invariant.ts';

it('invariant: passes what holds and throws the sentence of what does not', () => {
  invariant(true, 'one is one');
  assert.throws(() => invariant(false, 'one is two'), /invariant broken: one is two/);
});
