/** Walks the messages of a segment without loading their bodies, and reports how the file ends. */

import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { FlatbufferTable, MetadataFault } from './flatbuffer-table.ts';
import { streamStart } from './ipc-file-format.ts';
import {
  compressionField,
  continuationMarker,
  headerType,
  messageAlignmentBytes,
  messageField,
  messagePrefixBytes,
  metadataBytesMax,
  metadataVersion5,
  recordBatchField,
  zstdCodec,
} from './ipc-format.ts';
import { readEntries } from './message-header.ts';

export interface StreamMessage {
  readonly kind: 'schema' | 'recordBatch';
  /** Offset of its continuation marker. */
  readonly offset: number;
  /** The length in its prefix, which includes padding. */
  readonly metadataBytes: number;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  /** 0 for the schema. */
  readonly rows: number;
  readonly compression: 'zstd' | 'none';
  readonly customMetadata: ReadonlyMap<string, string>;
}

/** sealed: has the end mark. open: ends after a whole message. torn: ends with other bytes. */
export type StreamState = 'sealed' | 'open' | 'torn';

export interface StreamEnd {
  readonly kind: 'end';
  readonly state: StreamState;
  /** End of the last whole message, or of the end mark. The bytes after it are torn. */
  readonly offset: number;
  /** What is wrong after it; present only if torn. */
  readonly fault?: StreamFault;
}

/** Possible faults. An interrupted append causes only `a message is cut short`. */
export type StreamFault =
  | 'the file is empty'
  | 'a message is cut short'
  | 'no message starts here'
  | 'the metadata length is out of bounds'
  | 'the metadata cannot be read'
  | 'the body length is out of bounds'
  | 'not a message of ours'
  | 'bytes follow the end mark';

/** A column's offsets are signed 32-bit numbers. */
const rowsMax = 2 ** 31 - 1;

/** The file that is read. */
interface Source {
  readonly storage: Storage;
  readonly file: OpenFile;
  /** Length when reading began. Bytes that are appended later are not read. */
  readonly fileBytes: number;
  /** Offset of the first message: 8 in an Arrow IPC file, otherwise 0. */
  readonly start: number;
}

/**
 * Yields the messages from the first one, or from the batch at `startOffset`, and then one `end`
 * that describes how the stream ends. The footer of an Arrow IPC file is not read. Without an end
 * mark such a file is torn, because it was never open for appending.
 */
export function* readMessages(
  storage: Storage,
  file: OpenFile,
  startOffset = 0,
): Generator<StreamMessage | StreamEnd, undefined, undefined> {
  const { bytes: fileBytes } = storage.statOpen(file);
  const source = { storage, file, fileBytes, start: streamStart(storage, file) };
  let offset = startOffset === 0 ? source.start : startOffset;
  for (;;) {
    const item = readMessage(source, offset);
    yield item;
    if (item.kind === 'end') return;
    offset = item.bodyOffset + item.bodyBytes;
  }
}

function readMessage(source: Source, offset: number): StreamMessage | StreamEnd {
  const { storage, file, fileBytes, start } = source;
  const restBytes = fileBytes - offset;
  if (restBytes === 0) return endWithoutMark(offset, start);
  const prefix = readRange(storage, file, offset, Math.min(restBytes, messagePrefixBytes));
  if (prefix.byteLength < messagePrefixBytes) return torn(offset, 'a message is cut short');
  const view = new DataView(prefix.buffer);
  if (view.getUint32(0, true) !== continuationMarker) return torn(offset, 'no message starts here');
  const metadataBytes = view.getInt32(4, true);
  if (metadataBytes === 0) return endMark(source, offset);
  if (!isMetadataLength(metadataBytes)) return torn(offset, 'the metadata length is out of bounds');
  const metadataOffset = offset + messagePrefixBytes;
  const bodyOffset = metadataOffset + metadataBytes;
  const thereBytes = Math.min(metadataBytes, restBytes - messagePrefixBytes);
  const metadata = readRange(storage, file, metadataOffset, thereBytes);
  if (metadata.byteLength < metadataBytes) return torn(offset, 'a message is cut short');
  const header = parseHeader(metadata);
  if (typeof header === 'string') return torn(offset, header);
  if ((header.kind === 'schema') !== (offset === start))
    return torn(offset, 'not a message of ours');
  if (header.bodyBytes > fileBytes - bodyOffset) return torn(offset, 'a message is cut short');
  return { ...header, offset, metadataBytes, bodyOffset };
}

function torn(offset: number, fault: StreamFault): StreamEnd {
  return { kind: 'end', state: 'torn', offset, fault };
}

function endWithoutMark(offset: number, start: number): StreamEnd {
  if (offset === 0) return torn(0, 'the file is empty');
  return start > 0
    ? torn(offset, 'a message is cut short')
    : { kind: 'end', state: 'open', offset };
}

/** An end mark in place of a message ends the stream, unless it is first or bytes follow it. */
function endMark({ fileBytes, start }: Source, offset: number): StreamEnd {
  if (offset === start) return torn(offset, 'not a message of ours');
  const end = offset + messagePrefixBytes;
  if (fileBytes > end && start === 0) return torn(end, 'bytes follow the end mark');
  return { kind: 'end', state: 'sealed', offset: end };
}

function isMetadataLength(bytes: number): boolean {
  return bytes > 0 && bytes <= metadataBytesMax && bytes % messageAlignmentBytes === 0;
}

type MessageHeader = Omit<StreamMessage, 'offset' | 'metadataBytes' | 'bodyOffset'>;

function parseHeader(metadata: Uint8Array): MessageHeader | StreamFault {
  try {
    return toHeader(FlatbufferTable.root(metadata));
  } catch (error) {
    if (error instanceof MetadataFault) return 'the metadata cannot be read';
    throw error;
  }
}

function toHeader(message: FlatbufferTable): MessageHeader | StreamFault {
  const type = message.int8(messageField.headerType);
  const header = message.table(messageField.header);
  const bodyBytes = Number(message.int64(messageField.bodyLength));
  const isSchema = type === headerType.schema;
  if (message.int16(messageField.version) !== metadataVersion5) return 'not a message of ours';
  if (!isSchema && type !== headerType.recordBatch) return 'not a message of ours';
  if (header === undefined) return 'the metadata cannot be read';
  if (!isBodyLength(bodyBytes, isSchema)) return 'the body length is out of bounds';
  const customMetadata = readEntries(message, messageField.customMetadata);
  if (isSchema) return { kind: 'schema', bodyBytes, rows: 0, compression: 'none', customMetadata };
  const rows = Number(header.int64(recordBatchField.length));
  const compression = header.table(recordBatchField.compression);
  if (rows < 0 || rows > rowsMax) return 'the metadata cannot be read';
  if (compression === undefined) {
    return { kind: 'recordBatch', bodyBytes, rows, compression: 'none', customMetadata };
  }
  if (compression.int8(compressionField.codec) !== zstdCodec) return 'not a message of ours';
  return { kind: 'recordBatch', bodyBytes, rows, compression: 'zstd', customMetadata };
}

function isBodyLength(bytes: number, isSchema: boolean): boolean {
  if (isSchema) return bytes === 0;
  return Number.isSafeInteger(bytes) && bytes >= 0 && bytes % messageAlignmentBytes === 0;
}
