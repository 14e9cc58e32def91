/** Repeated warnings become one line a minute. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Warnings } from '../../src/forward/warnings.ts';
import { ManualClock } from '../../src/shared/clock.ts';

describe('Warnings', () => {
  it('each message: the first line at once, then one a minute with the suppressed count', () => {
    const lines: string[] = [];
    const clock = new ManualClock(0);
    const journal = {
      write: (level: string, message: string, fields = {}) => {
        lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
      },
    };
    const warnings = new Warnings(journal, clock);
    for (let second = 0; second < 150; second++) {
      warnings.write('refused', { second });
      if (second === 70) warnings.write('partial', {}, 'info');
      clock.advance(1000);
    }
    assert.deepEqual(lines, [
      'warn: refused {"second":0}',
      'warn: refused {"second":60,"suppressed":59}',
      'info: partial {}',
      'warn: refused {"second":120,"suppressed":59}',
    ]);
  });
});
