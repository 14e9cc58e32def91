/** Crowds of warnings become a line a minute. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Warnings } from '../../src/egress/warnings.ts';
import { ManualClock } from '../../src/shared/clock.ts';

describe('Warnings', () => {
  it('the first at once, then one a minute that counts the rest, for each message', () => {
    const lines: string[] = [];
    const clock = new ManualClock(0);
    const journal = {
      write: (_level: string, message: string, fields = {}) => {
        lines.push(`${message} ${JSON.stringify(fields)}`);
      },
    };
    const warnings = new Warnings(journal, clock);
    for (let second = 0; second < 150; second++) {
      warnings.write('refused', { second });
      if (second === 70) warnings.write('partial', {});
      clock.advance(1000);
    }
    assert.deepEqual(lines, [
      'refused {"second":0}',
      'refused {"second":60,"unsaid_since_the_last":59}',
      'partial {}',
      'refused {"second":120,"unsaid_since_the_last":59}',
    ]);
  });
});
