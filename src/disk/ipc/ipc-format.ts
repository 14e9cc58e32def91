/**
 * The parts of the Arrow IPC stream format that a segment uses (docs/format/segment.md).
 *
 *     0               4              8                          8 + metadata bytes
 *     ┌───────────────┬──────────────┬──────────────────────────┬───────────────────┐
 *     │ FF FF FF FF   │ metadata     │ Message, a flatbuffer,   │ body, as long as  │
 *     │ continuation  │ bytes, i32   │ with zeros up to 8 n     │ the Message says  │
 *     └───────────────┴──────────────┴──────────────────────────┴───────────────────┘
 *
 * All numbers are little-endian.
 *
 * 1. Every message starts at a multiple of 8 bytes. Metadata and body lengths are multiples of 8.
 * 2. The first message is the Schema and has no body; all others are RecordBatches of that schema.
 * 3. A metadata length of 0 ends the stream, and the file.
 */
import { invariant } from '../../shared/invariant.ts';

/** Continuation marker and metadata length. */
export const messagePrefixBytes = 8;

/** Every message and its body are padded to this. */
export const messageAlignmentBytes = 8;

/** Marks the start of a message, read as a u32. */
export const continuationMarker = 0xffffffff;

/** Ends the stream: a continuation marker and a metadata length of 0. */
export const endOfStream: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/** The largest metadata length that is believed, far above what a batch needs (see below). */
export const metadataBytesMax = 16 * 1024 * 1024;

/** 8 MiB hold 6.7 million trace ids. A batch with more trace ids gets no filter. */
export const traceIdFilterBytesMax = 8 * 1024 * 1024;

/**
 * Limit of the service names as JSON text, enough for 8,000 ordinary names; else none are listed.
 */
export const servicesBytesMax = 256 * 1024;

/** Room for field nodes, buffers and the short entries: some 100,000 columns. */
const otherMetadataBytes = 4 * 1024 * 1024;

invariant(
  Math.ceil(traceIdFilterBytesMax / 3) * 4 + servicesBytesMax + otherMetadataBytes <=
    metadataBytesMax,
  'the largest metadata that is written is believed when it is read',
);

/** More custom metadata entries than this are a fault. A batch has four. */
export const customMetadataCountMax = 64;

/** MetadataVersion.V5, the only one that Archer writes and reads. */
export const metadataVersion5 = 4;

/** Values of Message.header_type. */
export const headerType = { schema: 1, recordBatch: 3 } as const;

/** A value of BodyCompression.codec. */
export const zstdCodec = 1;

/** The fields of the flatbuffer tables by their index. */
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

/** Size of a FieldNode (length, null count) or a Buffer (offset, length): two i64. */
export const pairBytes = 16;

/** Rounds up to the next multiple of 8. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / messageAlignmentBytes) * messageAlignmentBytes;
}
