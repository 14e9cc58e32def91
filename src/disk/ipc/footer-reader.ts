/** Compares the footer of an Arrow IPC file with the stream before it. */
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { FlatbufferTable, MetadataFault } from './flatbuffer-table.ts';
import { blockBytes, endMagic, footerField, trailerBytes } from './ipc-file-format.ts';
import {
  headerType,
  messagePrefixBytes,
  metadataBytesMax,
  metadataVersion5,
} from './ipc-format.ts';
import { readHeader } from './message-header.ts';

/** The messages found by walking the stream. */
export interface FileStream {
  readonly schema: { readonly offset: number; readonly metadataBytes: number };
  /** `bytes` is the length of message and body. */
  readonly batches: readonly { readonly offset: number; readonly bytes: number }[];
  /** Offset after the end mark. */
  readonly end: number;
}

/** Says in one phrase what is wrong after the end mark; undefined if the footer is right. */
export function footerFault(
  storage: Storage,
  file: OpenFile,
  stream: FileStream,
): string | undefined {
  const footer = readFooter(storage, file, stream);
  if (footer === undefined) return 'the footer is missing';
  try {
    const table = FlatbufferTable.root(footer);
    return (
      schemaFault(storage, file, stream, footer, table) ?? blocksFault(storage, file, stream, table)
    );
  } catch (error) {
    if (error instanceof MetadataFault) return `the footer cannot be read: ${error.message}`;
    throw error;
  }
}

function readFooter(
  storage: Storage,
  file: OpenFile,
  { batches, end }: FileStream,
): Uint8Array | undefined {
  const bytes = storage.statOpen(file).bytes - end - trailerBytes;
  if (bytes <= 0 || bytes > metadataBytesMax + blockBytes * batches.length) return undefined;
  const tail = readRange(storage, file, end, bytes + trailerBytes);
  if (tail.byteLength < bytes + trailerBytes) return undefined;
  const magic = tail.subarray(-endMagic.byteLength);
  if (new DataView(tail.buffer).getInt32(bytes, true) !== bytes) return undefined;
  return Buffer.compare(magic, endMagic) === 0 ? tail.subarray(0, bytes) : undefined;
}

/** The footer must hold the metadata of the schema message and point to the same table in it. */
function schemaFault(
  storage: Storage,
  file: OpenFile,
  { schema }: FileStream,
  footer: Uint8Array,
  table: FlatbufferTable,
): string | undefined {
  const { offset, metadataBytes } = schema;
  const metadata = readRange(storage, file, offset + messagePrefixBytes, metadataBytes);
  const header = readHeader(metadata, headerType.schema);
  const found = table.table(footerField.schema);
  if (table.int16(footerField.version) !== metadataVersion5 || found === undefined) {
    return 'the footer has no schema';
  }
  const start = found.position - header.position;
  const copy = footer.subarray(Math.max(start, 0), start + metadataBytes);
  const isSame = start >= 0 && Buffer.compare(copy, metadata) === 0;
  return isSame ? undefined : 'the footer has another schema than the stream';
}

function blocksFault(
  storage: Storage,
  file: OpenFile,
  { batches }: FileStream,
  table: FlatbufferTable,
): string | undefined {
  const blocks = table.int64Structs(footerField.recordBatches, blockBytes);
  if (table.int64Structs(footerField.dictionaries, blockBytes).length > 0) {
    return 'the footer names dictionaries';
  }
  if (blocks.length !== batches.length) {
    return `the footer names ${blocks.length} batches and the stream has ${batches.length}`;
  }
  for (const [index, { offset, bytes }] of batches.entries()) {
    const [start, metadata, body] = blocks[index]!;
    const metadataBytes = readMetadataBytes(storage, file, offset);
    const isSame = start === BigInt(offset) && BigInt.asIntN(32, metadata!) === metadataBytes;
    if (!isSame || body !== BigInt(bytes) - metadataBytes) {
      return `the footer does not say rightly where batch ${index} lies`;
    }
  }
  return undefined;
}

/** The metadata length as a Block counts it: with the message's prefix. */
function readMetadataBytes(storage: Storage, file: OpenFile, offset: number): bigint {
  const prefix = readRange(storage, file, offset, messagePrefixBytes);
  if (prefix.byteLength < messagePrefixBytes) return -1n;
  return BigInt(messagePrefixBytes + new DataView(prefix.buffer).getInt32(4, true));
}
