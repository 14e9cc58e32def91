/** What was found, in lines for people and in JSON for programs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  fileLines,
  summaryLine,
  toJson,
  type VerifiedFile,
} from '../../../src/commands/verify/verify-report.ts';

const sound: VerifiedFile = {
  path: 'a.arrow',
  kind: 'segment',
  state: 'sealed',
  bytes: 2048,
  counts: { batches: 1, rows: 10 },
  faults: [],
};
const faulty: VerifiedFile = {
  ...sound,
  path: 'b.arrow',
  state: 'torn',
  faults: [
    { code: 'ERR_ARCHER_BATCH_DAMAGED', offset: 8, what: 'this' },
    { code: 'ERR_ARCHER_SEGMENT_TORN', offset: 16, what: 'that' },
  ],
};

describe('verify report', () => {
  it('a file without a fault: no line, unless it is asked for', () => {
    assert.deepEqual(fileLines(sound, false), []);
    assert.deepEqual(fileLines(sound, true), ['a.arrow: sealed, 1 batch, 10 rows, 2.0 KiB']);
  });

  it('a file with faults: a line for each', () => {
    const lines = ['b.arrow: at byte 8: this', 'b.arrow: at byte 16: that'];
    assert.deepEqual(fileLines(faulty, false), lines);
    assert.deepEqual(fileLines(faulty, true), lines);
  });

  it('the summary: counts files by kind, rows, bytes and faults', () => {
    assert.equal(summaryLine([sound]), '1 segment, 10 rows, 2.0 KiB: no fault');
    const log = { ...sound, kind: 'log file', counts: {} };
    const active = { ...sound, state: 'active' as const };
    assert.equal(
      summaryLine([sound, faulty, active, log]),
      '3 segments, 1 log file (1 active), 30 rows, 8.0 KiB: 2 faults in 1 file',
    );
    assert.equal(summaryLine([]), 'no files, 0 rows, 0 B: no fault');
  });

  it('JSON: the same in fields', () => {
    const { path: file, kind, state, bytes, faults } = faulty;
    assert.deepEqual(JSON.parse(toJson([faulty])), [
      { file, kind, state, bytes, batches: 1, rows: 10, faults },
    ]);
  });
});
