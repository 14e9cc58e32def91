/** Walks the messages of a segment without loading their bodies, and says how the file ends. */

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
  /** Where its continuation marker lies. */
  readonly offset: number;
  /** As its prefix says, so with padding. */
  readonly metadataBytes: number;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  /** 0 for the schema. */
  readonly rows: number;
  readonly compression: 'zstd' | 'none';
  readonly customMetadata: ReadonlyMap<string, string>;
}

/** sealed: with the end mark. open: behind a whole message. torn: with bytes that are neither. */
export type StreamState = 'sealed' | 'open' | 'torn';

export interface StreamEnd {
  readonly kind: 'end';
  readonly state: StreamState;
  /** The end of the last whole message, an end mark included; what lies behind it is torn. */
  readonly offset: number;
  /** What is wrong behind it; absent unless torn. */
  readonly fault?: StreamFault;
}

/** What can be wrong; an append that was interrupted leaves only `a message is cut short`. */
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
  /** When the reading began: what is appended from then on is left to the next reader. */
  readonly fileBytes: number;
  /** Where the first message lies: not at 0 in an Arrow IPC file. */
  readonly start: number;
}

/**
 * The messages from the first on, or from the batch that is said to start at an offset, and then
 * how the stream ends: always one `end`, the last item. The footer of an Arrow IPC file is not
 * looked at; without its end mark such a file is torn, as it never was open.
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

/** An end mark where a message would start: the end, unless it is first or something follows. */
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
