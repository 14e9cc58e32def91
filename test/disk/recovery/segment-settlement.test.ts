/** Shows the decision for each state of a segment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planSettlement } from '../../../src/disk/recovery/segment-settlement.ts';
import type { SegmentSurvey } from '../../../src/disk/recovery/segment-survey.ts';
import { recorderId } from '../left-archive.ts';

const batch = { offset: 100, bytes: 50, rows: 2, recorder: recorderId, lane: 0, from: 1, to: 2 };

/** Returns a sealed segment of one batch, with the given changes. */
function plan(change: Partial<SegmentSurvey>, kept = change.batches ?? [batch]) {
  const survey: SegmentSurvey = {
    fileBytes: 158,
    schemaBytes: 100,
    isSchemaCutShort: false,
    schemaRecorder: recorderId,
    batches: [batch],
    hasGap: false,
    soundBytes: 150,
    hasEndMark: true,
    endBytes: 8,
    isFile: false,
    isUnreadable: false,
    damagedRows: 0,
    ...change,
  };
  return planSettlement(survey, kept);
}

describe('planSettlement', () => {
  const aside = { action: 'setAside', kept: { schemaBytes: 100, batches: [batch] } };

  it('sealed and whole: stays', () => {
    assert.deepEqual(plan({}), { action: 'keep' });
  });

  it('no end mark: ends behind the last whole batch', () => {
    const end = { action: 'end', keptBytes: 150, cutBytes: 27 };
    assert.deepEqual(plan({ hasEndMark: false, fileBytes: 177 }), end);
  });

  it('damaged before a whole batch, before the end mark, or unreadable: is set aside', () => {
    assert.deepEqual(plan({ hasGap: true }), aside);
    assert.deepEqual(plan({ fileBytes: 200 }), aside);
    assert.deepEqual(plan({ isUnreadable: true, hasEndMark: false }), aside);
  });

  it('a batch that is not to stay: the segment is set aside without it', () => {
    const kept = { schemaBytes: 100, batches: [] };
    assert.deepEqual(plan({}, []), { action: 'setAside', kept });
  });

  it('no batch: is removed, damage aside', () => {
    const empty = { batches: [], soundBytes: 100, hasEndMark: false, fileBytes: 130 };
    assert.deepEqual(plan(empty), { action: 'remove' });
    assert.equal(plan({ ...empty, isUnreadable: true }).action, 'setAside');
  });

  it('no schema: only what was cut short in it is removed', () => {
    const without = { schemaBytes: 0, soundBytes: 0, batches: [], hasEndMark: false };
    assert.equal(plan({ ...without, isSchemaCutShort: true }).action, 'remove');
    assert.equal(plan({ ...without }).action, 'setAside');
    assert.equal(
      plan({ ...without, isSchemaCutShort: true, isUnreadable: true }).action,
      'setAside',
    );
    assert.equal(plan({ ...without, isSchemaCutShort: true, batches: [batch] }).action, 'setAside');
  });
});
