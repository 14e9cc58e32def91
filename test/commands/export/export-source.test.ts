/** A source gives each wanted batch or request once, and counts what was taken. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { DamagedColumnError } from '../../../src/disk/ipc/stored-batch.ts';
import { ArchiveBuilder, foreignId, gather, ownId } from '../../query/archive-builder.ts';
import { damageFirstBody } from '../../query/damage.ts';
import { spansOf } from '../../query/small-requests.ts';
import { cleanUp } from '../../recorder/recorder-process.ts';
import { openSource } from './exported.ts';

after(cleanUp);

const spans = (count: number) =>
  spansOf('shop', ...Array.from({ length: count }, (_, index) => ({ time: BigInt(index + 1) })));

function archive(): ArchiveBuilder {
  const builder = new ArchiveBuilder();
  builder.segment([[spans(2), spans(3)], [spans(4)]]);
  builder.segment([[spans(1)]], { recorderId: foreignId });
  return builder;
}

describe('export source', () => {
  for (const isPeeked of [true, false]) {
    it(`batches and requests, ${isPeeked ? 'peeked at' : 'straight on'}: each once`, async () => {
      const builder = archive();
      const { source } = openSource(builder, 'traces');
      if (isPeeked)
        assert.deepEqual([await source.hasRows(), await source.hasRows()], [true, true]);
      assert.deepEqual(await gather(source.encoded(({ rowCount }) => rowCount)), [5, 4, 1]);
      assert.deepEqual([source.rows, source.requests], [10, 0]);
      const again = openSource(builder, 'traces', { from: 2n }).source;
      if (isPeeked) assert.ok(await again.hasRows());
      const requests = await gather(again.rebuilt());
      assert.deepEqual(
        requests.map(({ rows }) => rows),
        [1, 2, 3],
      );
      assert.deepEqual([again.rows, again.requests], [6, 3]);
      await again.close();
    });
  }

  it('who has recorded, and what signal it is', () => {
    const { source } = openSource(archive(), 'traces');
    assert.deepEqual([source.signal, source.recorders], ['traces', [ownId, foreignId]]);
  });

  it('nothing wanted: no rows', async () => {
    const { source } = openSource(archive(), 'traces', { from: 100n });
    assert.equal(await source.hasRows(), false);
    assert.deepEqual(await gather(source.encoded(() => 1)), []);
    assert.equal(await openSource(archive(), 'logs').source.hasRows(), false);
  });

  it('damage: told, whether in the file or found by the format; errors of ours thrown', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[spans(1)], [spans(2)], [spans(3)]]);
    damageFirstBody(builder.fullPath(segment));
    const { source, faults } = openSource(builder, 'traces');
    const rows = source.encoded(({ rowCount }) => {
      if (rowCount === 2) throw new DamagedColumnError('trace_id', 'is bad');
      return rowCount;
    });
    assert.deepEqual(await gather(rows), [3]);
    assert.equal(source.rows, 3);
    assert.match(faults[0]?.what ?? '', /checksum/);
    assert.match(faults[1]?.what ?? '', /^column trace_id: is bad$/);
    const { source: other } = openSource(builder, 'traces');
    const broken = other.encoded(() => {
      throw new TypeError('ours');
    });
    await assert.rejects(gather(broken), /ours/);
  });
});
