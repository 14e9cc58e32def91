/**
 * Shows that a footer has the given content, and equals the footer of apache-arrow's own writer.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Schema } from 'apache-arrow';
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file';
import { fileEnd } from '../../../src/disk/ipc/footer-writer.ts';
import type { Block } from '../../../src/disk/ipc/ipc-file-format.ts';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { seededRandom } from '../../random.ts';
import { thingFields, thingSchemaMessage, thingSchemaMetadata } from '../thing-segment.ts';

const metadata = thingSchemaMessage().slice(messagePrefixBytes);

function decode(end: Uint8Array): Footer {
  const bytes = Buffer.from(end).readInt32LE(end.byteLength - 10);
  assert.equal(bytes, end.byteLength - 10);
  assert.equal(Buffer.from(end.subarray(-6)).toString(), 'ARROW1');
  return Footer.decode(end.slice(0, bytes));
}

function blocksOf(footer: Footer): Block[] {
  return [...footer.recordBatches()].map(({ offset, metaDataLength, bodyLength }) => {
    return { offset: Number(offset), metadataBytes: metaDataLength, bodyBytes: Number(bodyLength) };
  });
}

describe('fileEnd', () => {
  it('random blocks: are read as they were given', () => {
    const random = seededRandom();
    for (let round = 0; round < 50; round++) {
      const blocks = Array.from({ length: random.below(20) }, () => ({
        offset: 8 * random.below(2 ** 40),
        metadataBytes: 8 * random.below(2 ** 21),
        bodyBytes: 8 * random.below(2 ** 40),
      }));
      const footer = decode(fileEnd(metadata, blocks));
      assert.deepEqual(blocksOf(footer), blocks);
      assert.equal(footer.numDictionaries, 0);
    }
  });

  it('the schema: is the one of the stream, its metadata included', () => {
    const { schema } = decode(fileEnd(metadata, []));
    assert.deepEqual(schema.fields.map(String), thingFields.map(String));
    assert.deepEqual(schema.metadata, thingSchemaMetadata);
  });

  it("the same as apache-arrow's own footer says", () => {
    const block = { offset: 4096, metadataBytes: 512, bodyBytes: 65_536 };
    const schema = new Schema([...thingFields], thingSchemaMetadata);
    const blocks = [new FileBlock(block.metadataBytes, block.bodyBytes, block.offset)];
    const theirs = Footer.decode(Footer.encode(new Footer(schema, undefined, blocks, [])));
    const ours = decode(fileEnd(metadata, [block]));
    assert.deepEqual(blocksOf(ours), blocksOf(theirs));
    assert.deepEqual(ours.schema.fields.map(String), theirs.schema.fields.map(String));
    assert.equal(ours.version, theirs.version);
  });
});
