/**
 * What an Arrow IPC stream is made of, as far as a segment uses it (docs/format/segment.md).
 *
 *     0               4              8                          8 + metadata bytes
 *     ┌───────────────┬──────────────┬──────────────────────────┬───────────────────┐
 *     │ FF FF FF FF   │ metadata     │ Message, a flatbuffer,   │ body, as long as  │
 *     │ continuation  │ bytes, i32   │ with zeros up to 8 n     │ the Message says  │
 *     └───────────────┴──────────────┴──────────────────────────┴───────────────────┘
 *
 * All numbers are little-endian.
 *
 * 1. Every message starts at a multiple of 8 bytes; its metadata and its body are as long as one.
 * 2. The first message is the Schema and has no body; all others are RecordBatches of that schema.
 * 3. Metadata bytes 0 are the end of the stream, and of the file.
 */
import { invariant } from '../../shared/invariant.ts';

/** Continuation marker and metadata length. */
export const messagePrefixBytes = 8;

/** Every message and its body are padded to this. */
export const messageAlignmentBytes = 8;

/** Read as a u32. */
export const continuationMarker = 0xffffffff;

/** Ends the stream: a continuation marker, and metadata of no length. */
export const endOfStream: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** The most that is believed of a metadata length: far above what a batch can need, see below. */
export const metadataBytesMax = 16 * 1024 * 1024;

/** A filter of 8 MiB holds 6.7 million trace ids; of a batch with more, none is written. */
export const traceIdFilterBytesMax = 8 * 1024 * 1024;

/** As JSON text; services that need more are not named. Eight thousand ordinary names fit. */
export const servicesBytesMax = 256 * 1024;

/** Left for field nodes, buffers and the short entries: some 100,000 columns. */
const otherMetadataBytes = 4 * 1024 * 1024;

invariant(
  Math.ceil(traceIdFilterBytesMax / 3) * 4 + servicesBytesMax + otherMetadataBytes <=
    metadataBytesMax,
  'the largest metadata that is written is believed when it is read',
);

/** Entries of custom metadata that are looked at; a batch has four. */
export const customMetadataCountMax = 64;

/** MetadataVersion.V5, the only one. */
export const metadataVersion5 = 4;

/** Of Message.header_type. */
export const headerType = { schema: 1, recordBatch: 3 } as const;

/** Of BodyCompression.codec. */
export const zstdCodec = 1;

/** The fields of the flatbuffer tables, by their place in the table. */
export const messageField = {
  version: 0,
  headerType: 1,
  header: 2,
  bodyLength: 3,
  customMetadata: 4,
} as const;
export const recordBatchField = { length: 0, nodes: 1, buffers: 2, compression: 3 } as const;
export const compressionField = { codec: 0, method: 1 } as const;
export const keyValueField = { key: 0, value: 1 } as const;

/** A FieldNode (length, null count) or a Buffer (offset, length): two i64. */
export const pairBytes = 16;

/** The number of bytes with the padding up to the next multiple of 8. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / messageAlignmentBytes) * messageAlignmentBytes;
}
