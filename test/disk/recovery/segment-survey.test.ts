/** Shows what a survey finds in a segment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { isWholeSegment, surveySegment } from '../../../src/disk/recovery/segment-survey.ts';
import { batchBytes, recorderId, schemaBytes, segmentBytes } from '../left-archive.ts';
import { memoryFile } from '../memory-file.ts';
import { thingFields, thingSchemaMessage } from '../thing-segment.ts';

const segment = {
  number: 1,
  batches: [
    [1, 3],
    [4, 6],
    [7, 9],
  ],
} as const;
const schemaEnd = schemaBytes().length;
const survey = (bytes: Uint8Array) => surveySegment(memoryFile(bytes), 0, nativeDecompress());
const starts = (bytes: Uint8Array) => survey(bytes).batches.map(({ from }) => from);

describe('surveySegment', () => {
  it('a sealed segment: is whole', () => {
    const bytes = segmentBytes(segment);
    const found = survey(bytes);
    assert.ok(isWholeSegment(found));
    assert.deepEqual([found.schemaBytes, found.schemaRecorder], [schemaEnd, recorderId]);
    assert.deepEqual([found.hasGap, found.isUnreadable, found.damagedRows], [false, false, 0]);
    assert.equal(found.soundBytes + 8, bytes.length);
  });

  it('an end mark, a batch or the schema less: is not whole', () => {
    const bytes = segmentBytes(segment);
    for (const end of [bytes.length - 8, bytes.length - 100, schemaEnd, schemaEnd - 8, 0]) {
      assert.equal(isWholeSegment(survey(bytes.subarray(0, end))), false);
    }
    assert.equal(isWholeSegment(survey(segmentBytes({ ...segment, batches: [] }))), false);
  });

  it('a damaged batch: leaves a gap, and its rows are counted', () => {
    const bytes = segmentBytes(segment);
    bytes[schemaEnd + batchBytes([1, 3]).length - 10]! ^= 1;
    const found = survey(bytes);
    assert.deepEqual([starts(bytes), found.hasGap, found.damagedRows], [[4, 7], true, 3]);
    assert.equal(isWholeSegment(found), false);
  });

  it('a body length that leads over the next batch: that one is found inside', () => {
    const bytes = segmentBytes(segment);
    const length = batchBytes([1, 3]).length;
    const message = bytes.subarray(schemaEnd, schemaEnd + length);
    const bodyBytes = length - 8 - message.readInt32LE(4);
    const field = Buffer.alloc(8);
    field.writeBigInt64LE(BigInt(bodyBytes));
    message.writeBigInt64LE(BigInt(bodyBytes + 1024), message.indexOf(field));
    assert.deepEqual(starts(bytes), [4, 7]);
  });

  it('a schema that no batch is of: is taken for damaged', () => {
    const narrow = thingSchemaMessage(thingFields.slice(1));
    const found = survey(Buffer.concat([narrow, batchBytes([1, 3])]));
    assert.deepEqual([found.schemaBytes, found.batches.length], [0, 1]);
  });

  it('a schema cut short: is told from one that is damaged', () => {
    assert.equal(survey(schemaBytes().subarray(0, 99)).isSchemaCutShort, true);
    assert.equal(survey(Buffer.alloc(99, 1)).isSchemaCutShort, false);
  });
});
