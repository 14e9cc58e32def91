/** A disk that fails for a moment costs nothing, and one that is damaged only what it has damaged. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { openForwardArchive } from '../../src/forward/retried-archive.ts';
import { Warnings } from '../../src/forward/warnings.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { ArchiveBuilder, gather, ownId } from '../query/archive-builder.ts';
import { damageFirstBody } from '../query/damage.ts';
import { spansOf } from '../query/small-requests.ts';
import { cleanUp } from '../recorder/recorder-process.ts';

after(cleanUp);

const requests = (count: number) => Array.from({ length: count }, () => spansOf('shop', {}));

function open({ outputDir }: ArchiveBuilder, storage = new FaultStorage(nodeStorage)) {
  const lines: string[] = [];
  const write = (_level: string, message: string) => lines.push(message);
  const archive = openForwardArchive({
    ...{ storage, outputDir, decompress: nativeDecompress(), recorderId: ownId, lane: 0 },
    warnings: new Warnings({ write }, new ManualClock(0)),
  });
  const read = async () => {
    return (await gather(archive.requests('traces', 1, 99))).map(({ position }) => position);
  };
  return { storage, lines, read };
}

describe('openForwardArchive', () => {
  it('a fault of the moment: rejects, and the next time all is there', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([requests(2)]);
    const { storage, lines, read } = open(builder);
    storage.failOnce('read', 'EIO', { callsBefore: 8 });
    await assert.rejects(read(), /EIO/);
    assert.deepEqual([await read(), lines], [[1, 2], []]);
  });

  it('a damaged batch: rejects some times, then it is left out, and said', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([requests(1), requests(1)]);
    damageFirstBody(builder.fullPath(segment));
    const { lines, read } = open(builder);
    for (let attempt = 1; attempt < 5; attempt++) await assert.rejects(read(), /checksum/);
    assert.deepEqual(lines, []);
    assert.deepEqual(await read(), [2]);
    assert.deepEqual(await read(), [2]);
    assert.equal(lines.length, 1);
  });
});
