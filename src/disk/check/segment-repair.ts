/** Cuts the torn tail of a segment and ends its stream. */

import { readRange } from '../file-range.ts';
import { readArrowSchema } from '../ipc/arrow-schema.ts';
import { checkBodyChecksum } from '../ipc/body-checksum.ts';
import { FlatbufferTable, MetadataFault } from '../ipc/flatbuffer-table.ts';
import { footerFault } from '../ipc/footer-reader.ts';
import { fileEnd } from '../ipc/footer-writer.ts';
import { streamStart } from '../ipc/ipc-file-format.ts';
import { endOfStream, messageField, messagePrefixBytes } from '../ipc/ipc-format.ts';
import { readMessages, type StreamEnd, type StreamMessage } from '../ipc/ipc-reader.ts';
import { readEntries } from '../ipc/message-header.ts';
import { type LogRange, readLogRange } from '../ipc/message-metadata.ts';
import { findWholeBatch } from '../ipc/message-search.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { writeAll } from '../write-all.ts';

export type RepairPlan =
  /** The file stays as it is. */
  { readonly action: 'refuse'; readonly why: string } | RepairableSegment;

export interface RepairableSegment {
  /** keep: the file ends as it should. end: the torn tail is cut and the end is written. */
  readonly action: 'keep' | 'end';
  /** Length of what stays, including an existing end mark. */
  readonly keptBytes: number;
  readonly cutBytes: number;
  readonly hasEndMark: boolean;
  /** The footer to write after the end mark, if an Arrow IPC file does not have the right one. */
  readonly footer?: Uint8Array;
  /** Number of batches that stay. */
  readonly batches: number;
  readonly rows: number;
  readonly lost: LostRequests | undefined;
  /** Offsets of batches that stay although their checksum is wrong or missing. */
  readonly damaged: readonly number[];
}

/** Requests in the part that is cut, as positions in a lane's log; null if not known. */
export interface LostRequests {
  readonly lane: number | null;
  readonly from: bigint | null;
  readonly to: bigint | null;
}

/** Changes nothing. The plan cuts everything after the last batch with a right checksum. */
export function planRepair(storage: Storage, file: OpenFile): RepairPlan {
  const { schema, batches, end } = readStream(storage, file);
  if (schema === undefined) return { action: 'refuse', why: 'has no whole schema message' };
  if (!isOurs(storage, file, schema)) return { action: 'refuse', why: 'is no segment of Archer' };
  const behind = end.state === 'torn' ? findWholeBatch(storage, file, end.offset) : undefined;
  if (behind === undefined) return planEnd(storage, file, schema, batches, end);
  const why = `is damaged at byte ${end.offset}, and a whole batch at byte ${behind} would be cut`;
  return { action: 'refuse', why };
}

/** Durable when it returns. The file must be open for update and unchanged since it was planned. */
export function endSegment(storage: Storage, file: OpenFile, plan: RepairableSegment): void {
  storage.truncate(file, plan.keptBytes);
  const mark = plan.hasEndMark ? [] : [endOfStream];
  const footer = plan.footer === undefined ? [] : [plan.footer];
  writeAll(storage, file, [...mark, ...footer], plan.keptBytes);
  storage.syncData(file);
}

interface CheckedBatch {
  readonly message: StreamMessage;
  readonly isWhole: boolean;
}

interface Stream {
  /** Undefined where it is not whole. */
  readonly schema: StreamMessage | undefined;
  readonly batches: readonly CheckedBatch[];
  readonly end: StreamEnd;
}

function readStream(storage: Storage, file: OpenFile): Stream {
  const batches: CheckedBatch[] = [];
  let schema: StreamMessage | undefined;
  for (const item of readMessages(storage, file)) {
    if (item.kind === 'end') return { schema, batches, end: item };
    if (item.kind === 'schema') schema = item;
    else batches.push({ message: item, isWhole: isWhole(storage, file, item) });
  }
  throw new Error('a stream has an end');
}

function isWhole(storage: Storage, file: OpenFile, message: StreamMessage): boolean {
  return checkBodyChecksum(storage, file, message) === 'right';
}

function isOurs(storage: Storage, file: OpenFile, schema: StreamMessage): boolean {
  const read = readArrowSchema(readMetadata(storage, file, schema));
  return typeof read !== 'string' && read.metadata.has('otlp.archive.schema');
}

function planEnd(
  storage: Storage,
  file: OpenFile,
  schema: StreamMessage,
  batches: readonly CheckedBatch[],
  end: StreamEnd,
): RepairableSegment {
  const fileBytes = storage.statOpen(file).bytes;
  const hasEndMark = end.state === 'sealed' || end.fault === 'bytes follow the end mark';
  const lastWhole = batches.findLastIndex((batch) => batch.isWhole);
  // A file with an end mark was whole once, so its tail is damaged and not torn.
  const kept = hasEndMark ? batches : batches.slice(0, lastWhole + 1);
  const cut = batches.slice(kept.length).map(({ message }) => message);
  const last = kept.at(-1)?.message;
  const endBytes = hasEndMark ? end.offset : endOf(last ?? schema);
  const footer = missingFooter(storage, file, schema, kept, end);
  const isWhole = end.state === 'sealed' && footer === undefined;
  const keptBytes = isWhole ? fileBytes : endBytes;
  const torn = hasEndMark ? undefined : readTornRange(storage, file, end);
  return {
    action: isWhole ? 'keep' : 'end',
    keptBytes,
    cutBytes: fileBytes - keptBytes,
    hasEndMark,
    ...(footer && { footer }),
    batches: kept.length,
    rows: kept.reduce((sum, { message }) => sum + message.rows, 0),
    lost: hasEndMark || fileBytes === keptBytes ? undefined : lostRequests(last, cut, end, torn),
    damaged: kept.filter((batch) => !batch.isWhole).map(({ message }) => message.offset),
  };
}

/** The footer to write; undefined for a stream, and if the right footer exists. */
function missingFooter(
  storage: Storage,
  file: OpenFile,
  schema: StreamMessage,
  kept: readonly CheckedBatch[],
  { state, offset: end }: StreamEnd,
): Uint8Array | undefined {
  if (streamStart(storage, file) === 0) return undefined;
  const messages = kept.map(({ message }) => message);
  const batches = messages.map((message) => {
    return { offset: message.offset, bytes: endOf(message) - message.offset };
  });
  const isThere = footerFault(storage, file, { schema, batches, end }) === undefined;
  if (state === 'sealed' && isThere) return undefined;
  const blocks = messages.map(({ offset, bodyOffset, bodyBytes }) => {
    return { offset, metadataBytes: bodyOffset - offset, bodyBytes };
  });
  return fileEnd(readMetadata(storage, file, schema), blocks);
}

function endOf({ bodyOffset, bodyBytes }: StreamMessage): number {
  return bodyOffset + bodyBytes;
}

/** From the position after the last one that stays, up to the last one that can be read. */
function lostRequests(
  last: StreamMessage | undefined,
  cut: readonly StreamMessage[],
  end: StreamEnd,
  torn: LogRange | undefined,
): LostRequests {
  const kept = last && readLogRange(last.customMetadata);
  const ranges = cut.map(({ customMetadata }) => readLogRange(customMetadata));
  const first = ranges[0] ?? torn;
  const greatest = end.state === 'torn' ? torn : ranges.at(-1);
  return {
    lane: kept?.lane ?? first?.lane ?? null,
    from: first?.from ?? (kept === undefined ? null : kept.to + 1n),
    to: greatest?.to ?? null,
  };
}

/** The log range of a message whose metadata is whole and only its body is cut short. */
function readTornRange(storage: Storage, file: OpenFile, end: StreamEnd): LogRange | undefined {
  if (end.fault !== 'a message is cut short') return undefined;
  const prefix = readRange(storage, file, end.offset, messagePrefixBytes);
  if (prefix.byteLength < messagePrefixBytes) return undefined;
  const metadataBytes = new DataView(prefix.buffer).getInt32(4, true);
  const metadata = readMetadata(storage, file, { offset: end.offset, metadataBytes });
  if (metadata.byteLength < metadataBytes) return undefined;
  try {
    return readLogRange(readEntries(FlatbufferTable.root(metadata), messageField.customMetadata));
  } catch (error) {
    if (error instanceof MetadataFault) return undefined;
    throw error;
  }
}

function readMetadata(
  storage: Storage,
  file: OpenFile,
  { offset, metadataBytes }: Pick<StreamMessage, 'offset' | 'metadataBytes'>,
): Uint8Array {
  return readRange(storage, file, offset + messagePrefixBytes, metadataBytes);
}
