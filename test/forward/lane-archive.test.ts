/** Forwarding gets the requests of its lane between two positions, and no others. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { LaneArchive } from '../../src/forward/lane-archive.ts';
import type { ArchiveFault } from '../../src/query/archive-reader.ts';
import { ArchiveBuilder, foreignId, gather, noon, ownId } from '../query/archive-builder.ts';
import { damageFirstBody } from '../query/damage.ts';
import { logsOf, spansOf } from '../query/small-requests.ts';
import { cleanUp } from '../recorder/recorder-process.ts';

after(cleanUp);

const requests = (count: number) => Array.from({ length: count }, () => spansOf('shop', {}));

function laneArchive({ outputDir }: ArchiveBuilder, faults: ArchiveFault[] = []) {
  return new LaneArchive({
    ...{ storage: nodeStorage, outputDir, decompress: nativeDecompress() },
    ...{ recorderId: ownId, lane: 0, onFault: (fault: ArchiveFault) => faults.push(fault) },
  });
}

describe('lane archive', () => {
  it('own segments of the lane only, by position, both bounds included', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([requests(3), requests(3)], { firstPosition: 10n });
    builder.segment([requests(2)], { firstPosition: 1n });
    builder.segment([requests(20)], { firstPosition: 1n, recorderId: foreignId });
    builder.segment([requests(20)], { firstPosition: 1n, lane: 1 });
    builder.segment([[logsOf('shop', {})]], { firstPosition: 3n, signal: 'logs' });
    const archive = laneArchive(builder);
    const found = await gather(archive.requests('traces', 2, 13));
    assert.deepEqual(
      found.map(({ position }) => position),
      [2, 10, 11, 12, 13],
    );
    const [first] = found;
    const expected = { signal: 'traces', position: 2, receivedTimeNs: noon + 2n } as const;
    assert.deepEqual(first, { ...expected, bytes: new Uint8Array(spansOf('shop', {})) });
    const logs = await gather(archive.requests('logs', 1, 100));
    assert.deepEqual(
      logs.map(({ position }) => position),
      [3],
    );
  });

  it('a damaged batch: told, the others given', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([requests(1), requests(1)]);
    damageFirstBody(builder.fullPath(segment));
    const faults: ArchiveFault[] = [];
    const found = await gather(laneArchive(builder, faults).requests('traces', 1, 2));
    assert.deepEqual(
      found.map(({ position }) => position),
      [2],
    );
    assert.equal(faults.length, 1);
  });
});
