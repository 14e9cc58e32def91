/** Tests the parsers of option values: what they accept, and the remedy for all else. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  decimalNumber,
  duration,
  signalList,
  wholeNumber,
} from '../../../src/commands/options/option-parsers.ts';

it('whole number: within both bounds; all else names them', () => {
  const read = wholeNumber(1, 256);
  assert.deepEqual(['1', '256', '007'].map(read), [1, 256, 7]);
  for (const text of ['0', '257', '-1', '1.5', '1e2', '', ' 1', 'one']) {
    assert.throws(() => read(text), /whole number from 1 to 256/, text);
  }
});

it('decimal number: from 0 to the maximum', () => {
  const read = decimalNumber(10);
  assert.deepEqual(['0', '0.5', '10'].map(read), [0, 0.5, 10]);
  for (const text of ['-1', '10.1', '1e1', 'fast', '']) {
    assert.throws(() => read(text), /number from 0 to 10/, text);
  }
});

it('duration: needs a unit', () => {
  assert.deepEqual(['500ms', '10s', '1.5m'].map(duration), [500, 10_000, 90_000]);
  for (const text of ['10', '0', 'soon', '9999h', '']) {
    assert.throws(() => duration(text), /time with its unit/, text);
  }
});

it('signal list: each signal once, in the order of the signals', () => {
  assert.deepEqual(signalList('logs, traces,logs'), ['traces', 'logs']);
  for (const text of ['', 'spans', 'traces,']) {
    assert.throws(() => signalList(text), /one or more of traces,metrics,logs/, text);
  }
});
