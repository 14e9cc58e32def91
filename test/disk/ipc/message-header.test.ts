/** The outermost table of a message is checked as strictly as its content. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetadataFault } from '../../../src/disk/ipc/flatbuffer-table.ts';
import { headerType, messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { readHeader } from '../../../src/disk/ipc/message-header.ts';
import { thingBatch, thingParts, thingSchemaMessage } from '../thing-segment.ts';

function metadataOf(message: Uint8Array): Uint8Array {
  const bytes = new DataView(message.buffer, message.byteOffset).getInt32(4, true);
  return message.slice(messagePrefixBytes, messagePrefixBytes + bytes);
}

describe('message header', () => {
  const batch = metadataOf(thingBatch(thingParts(1, 3)));

  it('a header of the type that is asked for: comes', () => {
    assert.equal(readHeader(batch, headerType.recordBatch).int64(0), 3n);
    assert.ok(readHeader(metadataOf(thingSchemaMessage()), headerType.schema).has(1));
  });

  it('a header of another type: is a fault', () => {
    assert.throws(() => readHeader(batch, headerType.schema), MetadataFault);
  });

  it('an entry of metadata that is not sound: is a fault, though nobody asked for it', () => {
    const bytes = batch.slice();
    const key = Buffer.from(bytes).indexOf('archer.crc32');
    bytes[key + 'archer.crc32'.length] = 1;
    assert.throws(() => readHeader(bytes, headerType.recordBatch), /does not end with a zero/);
  });
});
