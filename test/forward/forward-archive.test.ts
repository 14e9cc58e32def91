/**
 * Forwarding reads the requests of its lane from segments, and retries before it leaves any out.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { ForwardArchive } from '../../src/forward/forward-archive.ts';
import { Warnings } from '../../src/forward/warnings.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { ArchiveBuilder, foreignId, gather, noon, ownId } from '../query/archive-builder.ts';
import { damageFirstBody } from '../query/damage.ts';
import { logsOf, spansOf } from '../query/small-requests.ts';
import { cleanUp } from '../recorder/recorder-process.ts';

after(cleanUp);

const requests = (count: number) => Array.from({ length: count }, () => spansOf('shop', {}));

function open({ outputDir }: ArchiveBuilder, storage = new FaultStorage(nodeStorage)) {
  const lines: string[] = [];
  const write = (_level: string, message: string) => lines.push(message);
  const archive = new ForwardArchive({
    ...{ storage, outputDir, decompress: nativeDecompress(), recorderId: ownId, lane: 0 },
    warnings: new Warnings({ write }, new ManualClock(0)),
  });
  const positions = async (from = 1, through = 99, signal: 'traces' | 'logs' = 'traces') => {
    return (await gather(archive.requests(signal, from, through))).map(({ position }) => position);
  };
  return { archive, storage, lines, positions };
}

describe('ForwardArchive', () => {
  it('reads the own segments of the lane only, by position, both bounds included', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([requests(3), requests(3)], { firstPosition: 10n });
    builder.segment([requests(2)], { firstPosition: 1n });
    builder.segment([requests(20)], { firstPosition: 1n, recorderId: foreignId });
    builder.segment([requests(20)], { firstPosition: 1n, lane: 1 });
    builder.segment([[logsOf('shop', {})]], { firstPosition: 3n, signal: 'logs' });
    const { archive, positions } = open(builder);
    assert.deepEqual(await positions(2, 13), [2, 10, 11, 12, 13]);
    assert.deepEqual(await positions(1, 100, 'logs'), [3]);
    const [first] = await gather(archive.requests('traces', 2, 2));
    const expected = { signal: 'traces', position: 2, receivedTimeNs: noon + 2n } as const;
    assert.deepEqual(first, { ...expected, bytes: new Uint8Array(spansOf('shop', {})) });
  });

  it('a short failure of the disk: rejects, and the next attempt gives all', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([requests(2)]);
    const { storage, lines, positions } = open(builder);
    storage.failOnce('read', 'EIO', { callsBefore: 8 });
    await assert.rejects(positions(), /EIO/);
    assert.deepEqual([await positions(), lines], [[1, 2], []]);
  });

  it('a damaged batch: rejects four times, then it is logged and left out', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([requests(1), requests(1)]);
    damageFirstBody(builder.fullPath(segment));
    const { lines, positions } = open(builder);
    for (let attempt = 1; attempt < 5; attempt++) await assert.rejects(positions(), /checksum/);
    assert.deepEqual(lines, []);
    assert.deepEqual(await positions(), [2]);
    assert.deepEqual(await positions(), [2]);
    assert.equal(lines.length, 1);
  });
});
