/** Tests the outcomes and their numbers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outcomeNumber, outcomeOfNumber, outcomes } from '../../src/shared/outcome.ts';
import { signals } from '../../src/shared/signal.ts';

describe('outcome number', () => {
  it('each outcome has its own number, accepted has 0', () => {
    assert.equal(outcomeNumber('accepted'), 0);
    assert.equal(new Set(outcomes.map(outcomeNumber)).size, outcomes.length);
    for (const outcome of outcomes) {
      assert.equal(outcomeOfNumber(outcomeNumber(outcome)), outcome);
    }
  });

  it('a malformed request keeps its field and its signal, in 16 bits', () => {
    for (const misplacedField of [0, 1, (27 << 5) | 7, 0x3ff]) {
      for (const belongsTo of [undefined, ...signals]) {
        if (misplacedField === 0 && belongsTo === undefined) continue;
        const kind = 'malformed';
        const outcome = { kind, misplacedField, ...(belongsTo && { belongsTo }) } as const;
        const number = outcomeNumber(outcome);
        assert.ok(number < 2 ** 16);
        assert.deepEqual(outcomeOfNumber(number), outcome);
      }
    }
  });
});
