/** Signals keep their numbers, which frames on disk depend on. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { signalNumber, signals } from '../../src/shared/signal.ts';

it('signalNumber: stays what frames in old logs say', () => {
  assert.deepEqual(signals.map(signalNumber), [0, 1, 2]);
  assert.deepEqual([...signals], ['traces', 'metrics', 'logs']);
});
