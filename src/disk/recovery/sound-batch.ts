/**
 * Tells whether a batch in a segment is whole: its body, its header and what they say of each
 * other.
 */
import { toBatchId } from '../../shared/batch-id.ts';
import type { Decompress } from '../../shared/decompress.ts';
import { readRange } from '../file-range.ts';
import { BatchBody, bodyLayoutFault } from '../ipc/batch-body.ts';
import { type BufferPlace, readBatchHeader } from '../ipc/batch-header.ts';
import { checkBodyChecksum } from '../ipc/body-checksum.ts';
import type { BatchLayout } from '../ipc/column-layout.ts';
import { messagePrefixBytes } from '../ipc/ipc-format.ts';
import type { StreamMessage } from '../ipc/ipc-reader.ts';
import { type LogRange, readLogRange, readStats } from '../ipc/message-metadata.ts';
import type { OpenFile, Storage } from '../storage.ts';

export interface SoundBatch {
  /** Where its message starts in the file. */
  readonly offset: number;
  /** Of message and body. */
  readonly bytes: number;
  readonly rows: number;
  readonly recorder: string;
  readonly lane: number;
  /** The positions that it completes, both inclusive. */
  readonly from: number;
  readonly to: number;
}

export interface SoundnessOptions {
  readonly storage: Storage;
  readonly file: OpenFile;
  /** Undefined where the schema is missing or of a kind that is not known here. */
  readonly layout: BatchLayout | undefined;
  readonly decompress: Decompress;
}

/**
 * Undefined for a batch with any fault. The checksum covers the body alone; the rest of the message
 * is compared with the schema, with itself and with the `batch_id` of the rows.
 */
export function toSoundBatch(
  message: StreamMessage,
  options: SoundnessOptions,
): SoundBatch | undefined {
  const { customMetadata, offset, bodyOffset, bodyBytes, rows } = message;
  const range = readLogRange(customMetadata);
  if (range === undefined || rows === 0) return undefined;
  if ((readStats(customMetadata)?.rows ?? rows) !== rows) return undefined;
  if (checkBodyChecksum(options.storage, options.file, message) !== 'right') return undefined;
  if (!isConsistent(message, range, options)) return undefined;
  const { recorder, lane } = range;
  const positions = { from: Number(range.from), to: Number(range.to) };
  return { offset, bytes: bodyOffset + bodyBytes - offset, rows, recorder, lane, ...positions };
}

function isConsistent(message: StreamMessage, range: LogRange, options: SoundnessOptions): boolean {
  const { storage, file, layout } = options;
  if (layout === undefined) return true;
  const { offset, metadataBytes, bodyBytes } = message;
  const metadata = readRange(storage, file, offset + messagePrefixBytes, metadataBytes);
  const header = readBatchHeader(metadata, layout);
  if (typeof header === 'string') return false;
  if (bodyLayoutFault(header.buffers, bodyBytes) !== undefined) return false;
  if (layout.columns.some(({ nodeIndex }) => header.nodes[nodeIndex]?.length !== message.rows)) {
    return false;
  }
  const ids = readBatchIds(message, header.buffers, { ...options, layout });
  if (ids === undefined) return true;
  const { lane, from, to } = range;
  return ids[0] === toBatchId(lane, from) && ids.at(-1) === toBatchId(lane, to);
}

/** Undefined where the schema has none, or they cannot be read although the checksum holds. */
function readBatchIds(
  message: StreamMessage,
  buffers: readonly BufferPlace[],
  { storage, file, layout, decompress }: SoundnessOptions & { readonly layout: BatchLayout },
): BigInt64Array | undefined {
  const column = layout.columns.find(({ path, field }) => path === 'batch_id' && field.bits === 64);
  if (column === undefined) return undefined;
  const body = new BatchBody({ storage, file, message, buffers, decompress });
  const bytes = message.rows * BigInt64Array.BYTES_PER_ELEMENT;
  const values = body.read(column.bufferIndex + 1, bytes);
  // A copy, as a decompressor's output may lie at any address.
  return typeof values === 'string' ? undefined : new BigInt64Array(values.slice().buffer);
}
