/** The positions in a segment: all of its lane, each once, and none if nothing can be read. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { segmentPositions } from '../../src/query/segment-positions.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder } from './archive-builder.ts';
import { batchMessages } from './damage.ts';
import { spansOf } from './small-requests.ts';

after(cleanUp);

/** Each request has two spans, so each batch_id occurs twice. */
const requests = (count: number) => {
  return Array.from({ length: count }, () => Buffer.concat([spansOf('a', {}), spansOf('b', {})]));
};

function positions({ outputDir }: ArchiveBuilder, path: string, lane = 0): number[] {
  const reading = { storage: nodeStorage, outputDir, decompress: nativeDecompress() };
  return [...segmentPositions(reading, { signal: 'traces', path, lane })];
}

describe('segmentPositions', () => {
  it('all batches of a segment: each position once, in order', () => {
    const builder = new ArchiveBuilder();
    const { path } = builder.segment([requests(3), requests(2)], { firstPosition: 7n });
    assert.deepEqual(positions(builder, path), [7, 8, 9, 10, 11]);
  });

  it('another lane: none', () => {
    const builder = new ArchiveBuilder();
    const { path } = builder.segment([requests(3)], { firstPosition: 7n, lane: 1 });
    assert.deepEqual(positions(builder, path), []);
    assert.deepEqual(positions(builder, path, 1), [7, 8, 9]);
  });

  it('a damaged batch: is left out', () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([requests(2), requests(2)]);
    const path = builder.fullPath(segment);
    const { bodyOffset, bodyBytes } = batchMessages(path)[0]!;
    const bytes = readFileSync(path);
    bytes.fill(0xff, bodyOffset, bodyOffset + bodyBytes);
    writeFileSync(path, bytes);
    assert.deepEqual(positions(builder, segment.path), [3, 4]);
  });

  it('a segment that is gone: none', () => {
    assert.deepEqual(positions(new ArchiveBuilder(), 'traces/date=2026-01-01/x.arrow'), []);
  });
});
