/** Writes a batch as a message of an Arrow IPC stream, without its body. */
import { Builder, type Offset } from 'flatbuffers';
import type { EncodedBatch } from '../../shared/encoded-batch.ts';
import { invariant } from '../../shared/invariant.ts';
import {
  compressionField,
  continuationMarker,
  headerType,
  keyValueField,
  messageAlignmentBytes,
  messageField,
  messagePrefixBytes,
  metadataBytesMax,
  metadataVersion5,
  padded,
  pairBytes,
  recordBatchField,
  zstdCodec,
} from './ipc-format.ts';

/** Room for the nodes and buffers of the widest signal. The builder grows if needed. */
const builderBytes = 16 * 1024;

/** The parts of a batch that its message describes. */
export type FramedBatch = Pick<EncodedBatch, 'rows' | 'nodes' | 'buffers' | 'compression' | 'body'>;

/** Returns the message of a batch. The batch's body must follow it in the file. */
export function recordBatchMessage(
  batch: FramedBatch,
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  invariant(batch.body.byteLength % messageAlignmentBytes === 0, 'a body is aligned at its end');
  const builder = new Builder(builderBytes);
  const entries = customMetadata(builder, metadata);
  const header = recordBatch(builder, batch);
  builder.startObject(Object.keys(messageField).length);
  builder.addFieldInt16(messageField.version, metadataVersion5, 0);
  builder.addFieldInt8(messageField.headerType, headerType.recordBatch, 0);
  builder.addFieldOffset(messageField.header, header, 0);
  builder.addFieldInt64(messageField.bodyLength, BigInt(batch.body.byteLength), 0n);
  builder.addFieldOffset(messageField.customMetadata, entries, 0);
  builder.finish(builder.endObject());
  return frame(builder.asUint8Array());
}

/** Puts continuation marker and length before the flatbuffer, and padding after it. */
function frame(flatbuffer: Uint8Array): Uint8Array {
  const metadataBytes = padded(flatbuffer.byteLength);
  invariant(metadataBytes <= metadataBytesMax, 'no more metadata is written than is read back');
  const message = new Uint8Array(messagePrefixBytes + metadataBytes);
  const view = new DataView(message.buffer);
  view.setUint32(0, continuationMarker, true);
  view.setInt32(4, metadataBytes, true);
  message.set(flatbuffer, messagePrefixBytes);
  return message;
}

function recordBatch(builder: Builder, batch: FramedBatch): Offset {
  const nodes = pairs(builder, batch.nodes);
  const buffers = pairs(builder, batch.buffers);
  const compression = batch.compression === 'zstd' ? zstdCompression(builder) : 0;
  builder.startObject(Object.keys(recordBatchField).length);
  builder.addFieldInt64(recordBatchField.length, BigInt(batch.rows), 0n);
  builder.addFieldOffset(recordBatchField.nodes, nodes, 0);
  builder.addFieldOffset(recordBatchField.buffers, buffers, 0);
  builder.addFieldOffset(recordBatchField.compression, compression, 0);
  return builder.endObject();
}

/** Compresses each buffer by itself, which is the only method and the default. */
function zstdCompression(builder: Builder): Offset {
  builder.startObject(Object.keys(compressionField).length);
  builder.addFieldInt8(compressionField.codec, zstdCodec, 0);
  return builder.endObject();
}

/** A vector of structs of two i64. Each two consecutive numbers are one struct. */
function pairs(builder: Builder, numbers: readonly number[]): Offset {
  invariant(numbers.length % 2 === 0, 'nodes and buffers come as pairs');
  builder.startVector(pairBytes, numbers.length / 2, 8);
  // A flatbuffer is built from its end to its front.
  for (let index = numbers.length - 1; index >= 0; index--) {
    builder.addInt64(BigInt(numbers[index]!));
  }
  return builder.endVector();
}

function customMetadata(builder: Builder, metadata: ReadonlyMap<string, string>): Offset {
  const entries = [...metadata].map(([key, value]) => keyValue(builder, key, value));
  builder.startVector(4, entries.length, 4);
  for (const entry of entries.toReversed()) builder.addOffset(entry);
  return builder.endVector();
}

function keyValue(builder: Builder, key: string, value: string): Offset {
  const keyOffset = builder.createString(key);
  const valueOffset = builder.createString(value);
  builder.startObject(Object.keys(keyValueField).length);
  builder.addFieldOffset(keyValueField.key, keyOffset, 0);
  builder.addFieldOffset(keyValueField.value, valueOffset, 0);
  return builder.endObject();
}
