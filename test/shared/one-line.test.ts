/** Text from other programs is put on one line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oneLine } from '../../src/shared/one-line.ts';

describe('one-line', () => {
  it('oneLine: joins lines with single spaces and trims', () => {
    assert.equal(oneLine('  no\r\n\tspan  at all\n', 100), 'no span at all');
  });

  it('oneLine: removes control characters, which could steer a terminal', () => {
    assert.equal(oneLine('no \u001b[31mspan\u0007\u009b', 100), 'no [31mspan');
  });

  it('oneLine: cuts long text', () => {
    assert.equal(oneLine('x'.repeat(500), 200), 'x'.repeat(200));
  });
});
