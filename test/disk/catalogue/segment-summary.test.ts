/**
 * Shows what a summary contains about log positions. The list of segments tests its other fields.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summarizeSegment } from '../../../src/disk/catalogue/segment-summary.ts';
import { toSegmentFile } from '../../../src/disk/segment/segment-files.ts';
import {
  batchBytes,
  emptyArchive,
  type LeftSegment,
  otherId,
  outputDir,
  pathOf,
  putSegment,
  recorderId,
  schemaBytes,
  segmentBytes,
} from '../left-archive.ts';

function rangesOf(segment: LeftSegment, bytes = segmentBytes(segment)) {
  const storage = emptyArchive();
  putSegment(storage, segment, bytes);
  const file = toSegmentFile(pathOf(segment))!;
  return summarizeSegment(storage, outputDir, file)?.ranges;
}

describe('summarizeSegment', () => {
  it('batches of one lane: are one range', () => {
    const batches = [
      [1, 3],
      [7, 9],
    ] as const;
    const range = { recorder: recorderId, lane: 0, from: 1n, to: 9n };
    assert.deepEqual(rangesOf({ number: 1, batches }), [range]);
  });

  it('batches of several recorders and lanes: are a range each', () => {
    const bytes = Buffer.concat([
      schemaBytes(),
      batchBytes([1, 3]),
      batchBytes([2, 4], { lane: 1 }),
      batchBytes([5, 6], { recorder: otherId }),
    ]);
    const ranges = rangesOf({ number: 1, batches: [] }, bytes);
    assert.deepEqual(
      ranges?.map(({ recorder, lane, to }) => [recorder, lane, to]),
      [
        [recorderId, 0, 3n],
        [recorderId, 1, 4n],
        [otherId, 0, 6n],
      ],
    );
  });

  it('a batch that does not say: nothing is known of the segment', () => {
    const changeMetadata = (metadata: Map<string, string>) => metadata.set('archer.wal', '{}');
    const segment = { number: 1, batches: [[1, 3]], options: { changeMetadata } } as const;
    assert.equal(rangesOf(segment as unknown as LeftSegment), null);
  });

  it('a file that is not there: is undefined', () => {
    const file = toSegmentFile(pathOf({ number: 1 }))!;
    assert.equal(summarizeSegment(emptyArchive(), outputDir, file), undefined);
  });
});
