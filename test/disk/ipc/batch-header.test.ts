/**
 * Nodes and buffers of a batch are read as written, and their counts are checked with the schema.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBatchHeader } from '../../../src/disk/ipc/batch-header.ts';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { type ThingOptions, thingBatch, thingParts, thingSchemaMessage } from '../thing-segment.ts';

const counts = { columns: [], nodeCount: 11, bufferCount: 25 };

function metadataOf(message: Uint8Array): Uint8Array {
  const bytes = new DataView(message.buffer, message.byteOffset).getInt32(4, true);
  return message.slice(messagePrefixBytes, messagePrefixBytes + bytes);
}

function headerWith(options: ThingOptions = {}, change: Partial<typeof counts> = {}) {
  return readBatchHeader(metadataOf(thingBatch(thingParts(1, 3), options)), {
    ...counts,
    ...change,
  });
}

describe('batch header', () => {
  it('nodes and buffers: as they were written', () => {
    let places: readonly number[] = [];
    const header = headerWith({
      changePlaces: (written) => {
        places = [...written];
      },
    });
    assert.ok(typeof header !== 'string');
    assert.deepEqual(
      header.nodes.flatMap(({ length, nullCount }) => [length, nullCount]),
      thingParts(1, 3).nodes,
    );
    assert.deepEqual(
      header.buffers.flatMap(({ offset, bytes }) => [offset, bytes]),
      places,
    );
  });

  it('another number of them than the schema asks for: is said', () => {
    assert.equal(headerWith({}, { nodeCount: 12 }), '11 nodes for 12 columns');
    assert.equal(headerWith({}, { bufferCount: 24 }), '25 buffers for 24');
  });

  it('a number below zero, or above all that is exact: is said', () => {
    for (const number of [-1, 2 ** 62]) {
      const header = headerWith({
        changePlaces: (places) => {
          places[0] = number;
        },
      });
      assert.equal(header, 'a length or an offset is out of bounds');
    }
  });

  it('a message of another type: is said', () => {
    const schema = metadataOf(thingSchemaMessage());
    assert.equal(readBatchHeader(schema, counts), 'the header is of another type');
  });
});
