/** Shows that all that was sealed is counted, and told. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RunTotals } from '../../src/recorder/run-totals.ts';

it('RunTotals: sums the rows by signal, and writes a line for each segment', () => {
  const lines: unknown[] = [];
  const totals = new RunTotals({ write: (level, _, fields) => lines.push([level, fields]) });
  assert.deepEqual(totals.summary(), { rows: {}, segments: 0, bytes: 0 });
  const sealed = { kind: 'sealed', signal: 'traces', path: 'a', reason: 'age' } as const;
  totals.add({ ...sealed, rows: 3, bytes: 100 });
  totals.add({ ...sealed, rows: 4, bytes: 50 });
  totals.add({ ...sealed, signal: 'logs', rows: 1, bytes: 1 });
  assert.deepEqual(totals.summary(), { rows: { traces: 7, logs: 1 }, segments: 3, bytes: 151 });
  assert.deepEqual(lines[0], ['info', { path: 'a', rows: 3, bytes: 100, reason: 'age' }]);
  assert.equal(lines.length, 3);
});
