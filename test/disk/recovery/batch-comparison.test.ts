/** Shows that two batches count as the same rows only if every value of every column is the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBatchAt, type StoredBatch } from '../../../src/disk/ipc/stored-batch.ts';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { beginsWithRows } from '../../../src/disk/recovery/batch-comparison.ts';
import {
  type ThingOptions,
  type ThingParts,
  thingBatch,
  thingParts,
  thingSchemaMessage,
} from '../thing-segment.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const schema = thingSchemaMessage();

function batchOf(parts: ThingParts, options: ThingOptions = {}): StoredBatch {
  const storage = new VolatileStorage();
  storage.put('/segment', Buffer.concat([schema, thingBatch(parts, options)]));
  const file = storage.open('/segment', 'read');
  const batch = openBatchAt({ storage, file, decompress: nativeDecompress() }, schema.byteLength);
  assert.ok(typeof batch !== 'string', String(batch));
  return batch;
}

describe('beginsWithRows', () => {
  const ten = batchOf(thingParts(1, 10));

  it('the same rows, and the first rows of a longer batch: in any compression', () => {
    for (const compression of ['zstd', 'none'] as const) {
      for (let rows = 1; rows <= 10; rows++) {
        assert.equal(beginsWithRows(ten, batchOf(thingParts(1, rows), { compression })), true);
      }
    }
  });

  it('a longer batch, or other rows: are not the first rows', () => {
    assert.equal(beginsWithRows(batchOf(thingParts(1, 9)), ten), false);
    assert.equal(beginsWithRows(ten, batchOf(thingParts(2, 9))), false);
  });

  for (const name of thingParts(1, 5).buffers.keys()) {
    it(`another byte in ${name}: is found`, () => {
      const parts = thingParts(1, 5);
      const bytes = parts.buffers.get(name)!.slice();
      if (bytes.byteLength === 0) return;
      // The first bit of a bitmap, a byte of an offset that stays in its data, or a value.
      const at = name.endsWith('.offsets') ? 4 : 0;
      bytes[at]! ^= 1;
      parts.buffers.set(name, bytes);
      assert.equal(beginsWithRows(ten, batchOf(parts)), false);
    });
  }
});

describe('openBatchAt', () => {
  it('an offset where no batch starts: says so', () => {
    const storage = new VolatileStorage();
    storage.put('/segment', Buffer.concat([schema, thingBatch(thingParts(1, 3))]));
    const file = storage.open('/segment', 'read');
    const options = { storage, file, decompress: nativeDecompress() };
    assert.equal(openBatchAt(options, schema.byteLength + 8), 'no batch starts there');
  });
});
