/** Shows at which offsets the search looks for messages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMessage, findWholeBatch } from '../../../src/disk/ipc/message-search.ts';
import { memoryFile } from '../memory-file.ts';
import { thingBatch, thingParts, thingSchemaMessage } from '../thing-segment.ts';

/** A continuation marker and a plausible length. */
const start = Buffer.from([255, 255, 255, 255, 64, 0, 0, 0]);

/** Returns the offsets that the search offers from an offset on. */
function offered(bytes: Uint8Array, from = 0): number[] {
  const offsets: number[] = [];
  findMessage(memoryFile(bytes), 0, from, (offset) => {
    offsets.push(offset);
    return undefined;
  });
  return offsets;
}

describe('findMessage', () => {
  it('multiples of 8 that start like a message: are looked at, in order, from the offset on', () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024);
    const places = [0, 8, 800, 1024 * 1024 - 8, 1024 * 1024, 3 * 1024 * 1024 - 8];
    for (const place of places) bytes.set(start, place);
    bytes.set(start, 404);
    assert.deepEqual(offered(bytes), places);
    assert.deepEqual(offered(bytes, 16), places.slice(2));
  });

  it('lengths that no message has: are passed over', () => {
    for (const length of [0, -8, 12, 2 ** 30]) {
      const bytes = Buffer.alloc(64);
      bytes.set(start, 8);
      bytes.writeInt32LE(length, 12);
      assert.deepEqual(offered(bytes), []);
    }
    assert.deepEqual(offered(Buffer.alloc(4096, 255)), []);
    assert.deepEqual(offered(start.subarray(0, 7)), []);
  });

  it('the first that gives something: ends the search', () => {
    const bytes = Buffer.concat([start, start, start]);
    const found = findMessage(memoryFile(bytes), 0, 0, (at) => (at > 0 ? at : undefined));
    assert.equal(found, 8);
  });

  it('nothing but starts: the search gives up', () => {
    assert.equal(
      offered(Buffer.concat(Array.from({ length: 12_000 }, () => start))).length,
      10_000,
    );
  });
});

describe('findWholeBatch', () => {
  it('the first batch whose body has its checksum, and no schema', () => {
    const [damaged, whole] = [thingBatch(thingParts(1, 3)), thingBatch(thingParts(4, 3))];
    damaged[damaged.length - 1]! ^= 1;
    const bytes = Buffer.concat([thingSchemaMessage(), start, damaged, whole, whole]);
    const expected = bytes.length - 2 * whole.length;
    assert.equal(findWholeBatch(memoryFile(bytes), 0, 0), expected);
    assert.equal(findWholeBatch(memoryFile(bytes), 0, expected + 8), expected + whole.length);
    assert.equal(findWholeBatch(memoryFile(bytes.subarray(0, expected)), 0, 0), undefined);
  });
});
