/** What a repair did, in lines for people and in JSON for programs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repairLines, toJson } from '../../../src/commands/repair/repair-report.ts';
import type { LostRequests, RepairableSegment } from '../../../src/disk/check/segment-repair.ts';
import { problem } from '../../../src/shared/errors.ts';

const plan: RepairableSegment = {
  action: 'end',
  keptBytes: 1000,
  cutBytes: 50,
  hasEndMark: false,
  batches: 2,
  rows: 20,
  lost: undefined,
  damaged: [],
};

function lostLine(lost: LostRequests): string | undefined {
  return repairLines({ path: 'f', action: 'end', plan: { ...plan, lost } })[1];
}

describe('repair report', () => {
  it('what was done: cut, ended, or nothing', () => {
    const line = (change: Partial<RepairableSegment>, action: 'end' | 'keep' = 'end') =>
      repairLines({ path: 'f', action, plan: { ...plan, ...change } }).join('\n');
    const kept = '2 batches with 20 rows are kept';
    assert.equal(line({}), `f: cut 50 bytes, the end mark is set, ${kept}`);
    assert.equal(line({ cutBytes: 0 }), `f: nothing had to be cut, the end mark is set, ${kept}`);
    assert.equal(line({ hasEndMark: true }), `f: cut 50 bytes, ${kept}`);
    assert.equal(line({ hasEndMark: true }, 'keep'), `f: nothing is torn, ${kept}`);
    assert.equal(
      line({ batches: 1, rows: 1 }),
      'f: cut 50 bytes, the end mark is set, 1 batch with 1 row is kept',
    );
  });

  it('which requests: as far as it is known', () => {
    assert.equal(
      lostLine({ lane: 0, from: 4n, to: 7n }),
      'f: requests between positions 4 and 7 of lane 0 were in it',
    );
    assert.equal(
      lostLine({ lane: 1, from: 4n, to: null }),
      'f: requests from position 4 of lane 1 on may have been in it',
    );
    assert.equal(
      lostLine({ lane: null, from: null, to: null }),
      'f: which requests were in it is not known',
    );
  });

  it('batches that stay damaged: a line for each', () => {
    assert.deepEqual(
      repairLines({ path: 'f', action: 'keep', plan: { ...plan, damaged: [8, 16] } }).slice(1),
      [
        'f: the batch at byte 8 is damaged and stays',
        'f: the batch at byte 16 is damaged and stays',
      ],
    );
  });

  it('a file with a problem: no line, and JSON with it', () => {
    const refused = problem('ERR_ARCHER_REPAIR_REFUSED', { path: 'f', reason: 'is torn' });
    const file = { path: 'f', action: 'failed', problem: refused } as const;
    assert.deepEqual(repairLines(file), []);
    assert.deepEqual(JSON.parse(toJson([file])), [
      {
        ...{ file: 'f', action: 'failed', problem: refused.message, code: refused.code },
        ...{ bytes: null, cut_bytes: 0 },
        ...{ batches: null, rows: null, lost: null, damaged: [] },
      },
    ]);
  });

  it('JSON of a repair: positions as text, the length as it is now', () => {
    const lost = { lane: 0, from: 4n, to: null };
    assert.deepEqual(JSON.parse(toJson([{ path: 'f', action: 'end', plan: { ...plan, lost } }])), [
      {
        ...{ file: 'f', action: 'end', problem: null, code: null },
        ...{ bytes: 1008, cut_bytes: 50 },
        ...{ batches: 2, rows: 20, lost: { lane: 0, from: '4', to: null }, damaged: [] },
      },
    ]);
  });
});
