/** Nodes and buffers are counted as Arrow lays them out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readArrowSchema } from '../../../src/disk/ipc/arrow-schema.ts';
import { type ColumnLayout, planBatchLayout } from '../../../src/disk/ipc/column-layout.ts';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { thingParts, thingSchemaMessage } from '../thing-segment.ts';

describe('column layout', () => {
  it('columns of every shape: each has its node and its buffers, depth first', () => {
    const schema = readArrowSchema(thingSchemaMessage().subarray(messagePrefixBytes));
    assert.ok(typeof schema !== 'string');
    const layout = planBatchLayout(schema.fields);
    const places = (columns: readonly ColumnLayout[]): unknown[] =>
      columns.flatMap(({ path, nodeIndex, bufferIndex, children }) => [
        [path, nodeIndex, bufferIndex],
        ...places(children),
      ]);
    assert.deepEqual(places(layout.columns), [
      ['start_time', 0, 0],
      ['trace_id', 1, 2],
      ['service_name', 2, 5],
      ['is_odd', 3, 8],
      ['events', 4, 10],
      ['events.item', 5, 12],
      ['events.item.time', 6, 13],
      ['events.item.name', 7, 15],
      ['extra', 8, 18],
      ['received_time', 9, 21],
      ['batch_id', 10, 23],
    ]);
    const { nodes, buffers } = thingParts(1, 3);
    assert.equal(layout.nodeCount, nodes.length / 2);
    assert.equal(layout.bufferCount, buffers.size);
  });

  it('no columns: nothing', () => {
    assert.deepEqual(planBatchLayout([]), { columns: [], nodeCount: 0, bufferCount: 0 });
  });
});
