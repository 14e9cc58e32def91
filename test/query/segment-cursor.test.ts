/** A cursor moves from batch to batch and reports what it could not read. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { archivedSchema } from '../../src/query/archived-schema.ts';
import { diskFault, SegmentCursor } from '../../src/query/segment-cursor.ts';
import { diskError, FaultStorage } from '../disk/fault-storage.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder } from './archive-builder.ts';
import { batchMessages, changeByte } from './damage.ts';
import { spansOf } from './small-requests.ts';

after(cleanUp);

function openCursor({ outputDir }: ArchiveBuilder, path: string, storage = new FaultStorage()) {
  return SegmentCursor.open({ storage, outputDir, path, schema: archivedSchema('traces') });
}

function rowsAt({ head }: SegmentCursor): number | undefined {
  return head?.message.rows;
}

const span = spansOf('shop', {});

describe('segment cursor', () => {
  it('stands at each batch with its first position, then at none', async () => {
    const builder = new ArchiveBuilder();
    const { path } = builder.segment([[span, span], [span]], { firstPosition: 5n });
    const cursor = openCursor(builder, path);
    assert.ok(cursor);
    assert.equal(rowsAt(cursor), undefined);
    const seen: unknown[] = [];
    for (let step = 0; step < 3; step++) {
      assert.deepEqual(await cursor.advance(), []);
      seen.push([rowsAt(cursor), cursor.position]);
    }
    assert.deepEqual(seen, [
      [2, 5n],
      [1, 7n],
      [undefined, 7n],
    ]);
    cursor.close();
  });

  it('damage: told on the way to the next batch', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[span], [span]]);
    changeByte(builder.fullPath(segment), batchMessages(builder.fullPath(segment))[0]!.offset);
    const cursor = openCursor(builder, segment.path);
    const faults = await cursor!.advance();
    assert.equal(faults.length, 1);
    assert.equal(cursor!.position, 2n);
    cursor!.close();
  });

  it('a disk that fails: a fault, and the end', async () => {
    const builder = new ArchiveBuilder();
    const { path } = builder.segment([[span]]);
    const storage = new FaultStorage();
    const cursor = openCursor(builder, path, storage);
    storage.failOnce('read', 'EIO');
    const [fault] = await cursor!.advance();
    assert.match(fault?.what ?? '', /^it cannot be read: EIO/);
    assert.equal(cursor!.head, undefined);
    cursor!.close();
    assert.equal(storage.openCount, 0);
  });

  it('a segment that is gone: none', () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[span]]);
    rmSync(builder.fullPath(segment));
    assert.equal(openCursor(builder, segment.path), undefined);
  });

  it('faults: only what has a code is one of the disk', () => {
    assert.match(diskFault(diskError('EIO')).what, /EIO/);
    assert.throws(() => diskFault(new TypeError('ours')), /ours/);
  });
});
