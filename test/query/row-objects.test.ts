/** Selected rows become plain objects with the selected columns. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { rowObjects } from '../../src/query/row-objects.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder } from './archive-builder.ts';
import { spansOf } from './small-requests.ts';

after(cleanUp);

describe('row objects', () => {
  it('only what is wanted; plain, in the order of the columns', async () => {
    const builder = new ArchiveBuilder();
    const items = ['a', 'b', 'c'].map((name, index) => ({ name, time: BigInt(index) }));
    builder.segment([[spansOf('shop', ...items)]]);
    const { reader } = builder;
    for await (const found of reader.batches(reader.plan('traces', { from: 1n }))) {
      assert.ok(found.kind === 'batch');
      const rows = [...rowObjects(found, new Set(['name', 'start_time']))];
      assert.deepEqual(rows, [
        { start_time: 1n, name: 'b' },
        { start_time: 2n, name: 'c' },
      ]);
      const [whole] = rowObjects(found);
      assert.deepEqual(
        Object.keys(whole!),
        found.batch.layout.columns.map(({ path }) => path),
      );
      assert.deepEqual(whole!['resource_attributes'], { 'service.name': 'shop' });
    }
  });
});
