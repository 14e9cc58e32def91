/** Writes the end of an Arrow IPC file: the Footer, its length and the magic. */
import { Builder, type Offset } from 'flatbuffers';
import { invariant } from '../../shared/invariant.ts';
import { FlatbufferTable } from './flatbuffer-table.ts';
import { type Block, blockBytes, endMagic, footerField, trailerBytes } from './ipc-file-format.ts';
import { messageField, metadataVersion5 } from './ipc-format.ts';

/** The element count before a vector's elements. */
const vectorCountBytes = 4;
const int64Bytes = 8;

/** `schemaMetadata` is the metadata of the schema message with padding, without its prefix. */
export function fileEnd(schemaMetadata: Uint8Array, batches: readonly Block[]): Uint8Array {
  const builder = new Builder(schemaMetadata.byteLength + batches.length * blockBytes + 256);
  const schema = embeddedSchema(builder, schemaMetadata);
  const recordBatches = blocks(builder, batches);
  const dictionaries = blocks(builder, []);
  builder.startObject(Object.keys(footerField).length);
  builder.addFieldInt16(footerField.version, metadataVersion5, 0);
  builder.addFieldOffset(footerField.schema, schema, 0);
  builder.addFieldOffset(footerField.dictionaries, dictionaries, 0);
  builder.addFieldOffset(footerField.recordBatches, recordBatches, 0);
  builder.finish(builder.endObject());
  return withTrailer(builder.asUint8Array());
}

/**
 * All offsets in a flatbuffer are relative. So the metadata can be embedded unchanged in another
 * flatbuffer, which points to the schema table inside. The schema need not be parsed to be copied.
 */
function embeddedSchema(builder: Builder, metadata: Uint8Array): Offset {
  invariant(metadata.byteLength % int64Bytes === 0, 'metadata is padded');
  const header = FlatbufferTable.root(metadata).table(messageField.header);
  invariant(header !== undefined, 'a schema message has a schema');
  const words = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength);
  builder.startVector(int64Bytes, metadata.byteLength / int64Bytes, int64Bytes);
  for (let at = metadata.byteLength - int64Bytes; at >= 0; at -= int64Bytes) {
    builder.addInt64(words.getBigInt64(at, true));
  }
  // A builder counts from the end, so what follows the vector's count has a smaller offset.
  return builder.endVector() - vectorCountBytes - header.position;
}

/** A vector of structs. */
function blocks(builder: Builder, batches: readonly Block[]): Offset {
  builder.startVector(blockBytes, batches.length, int64Bytes);
  for (const { offset, metadataBytes, bodyBytes } of batches.toReversed()) {
    builder.addInt64(BigInt(bodyBytes));
    builder.pad(int64Bytes - 4);
    builder.addInt32(metadataBytes);
    builder.addInt64(BigInt(offset));
  }
  return builder.endVector();
}

function withTrailer(footer: Uint8Array): Uint8Array {
  const end = new Uint8Array(footer.byteLength + trailerBytes);
  end.set(footer);
  new DataView(end.buffer).setInt32(footer.byteLength, footer.byteLength, true);
  end.set(endMagic, end.byteLength - endMagic.byteLength);
  return end;
}
