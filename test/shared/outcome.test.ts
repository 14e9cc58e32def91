/** Outcomes and their numbers. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { outcomeNumber, outcomes } from '../../src/shared/outcome.ts';

it('outcomeNumber: gives each outcome its own number, accepted the first', () => {
  assert.equal(outcomeNumber('accepted'), 0);
  assert.equal(new Set(outcomes.map(outcomeNumber)).size, outcomes.length);
});
