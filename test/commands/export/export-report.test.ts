/** What was written is said in a line, what was damaged in a bounded number of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportJson, FaultList, fileLine } from '../../../src/commands/export/export-report.ts';
import { messagesOf } from '../../shared/messages.ts';

const file = {
  signal: 'traces',
  path: 'out/traces.binpb',
  rows: 12,
  requests: 3,
  bytes: 2048,
} as const;

describe('export report', () => {
  it('a line for each file', () => {
    assert.equal(fileLine(file), '12 spans of 3 requests, 2.0 KiB: out/traces.binpb');
    const columns = { ...file, signal: 'metrics', path: undefined, requests: 0 } as const;
    assert.equal(fileLine(columns), '12 data points, 2.0 KiB: standard output');
  });

  it('as JSON', () => {
    const faults = new FaultList();
    faults.add({
      kind: 'fault',
      code: 'ERR_ARCHER_BATCH_DAMAGED',
      path: 'a',
      offset: 7,
      what: 'x',
    });
    const files = [file, { ...file, path: undefined, requests: 0 }];
    assert.deepEqual(JSON.parse(exportJson('csv', files, faults)), {
      format: 'csv',
      files: [
        { signal: 'traces', file: 'out/traces.binpb', rows: 12, requests: 3, bytes: 2048 },
        { signal: 'traces', file: '-', rows: 12, requests: null, bytes: 2048 },
      ],
      faults: [{ code: 'ERR_ARCHER_BATCH_DAMAGED', file: 'a', offset: 7, what: 'x' }],
      fault_count: 1,
    });
  });

  it('faults: the first hundred, and how many more', () => {
    const faults = new FaultList();
    assert.deepEqual(faults.problems(), []);
    for (let offset = 0; offset < 105; offset++) {
      faults.add({ kind: 'fault', code: 'ERR_ARCHER_BATCH_DAMAGED', path: 'a', offset, what: 'x' });
    }
    const lines = messagesOf(faults.problems());
    assert.equal(lines[0], 'a: at byte 0: x');
    assert.equal(lines.length, 101);
    assert.match(lines.at(-1) ?? '', /^5 more faults were found\. /);
    assert.deepEqual([faults.count, faults.toJson().length], [105, 100]);
  });
});
