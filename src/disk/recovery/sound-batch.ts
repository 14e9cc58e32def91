/** Checks that a batch in a segment is whole and that its body and header agree. */
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
  /** Offset of its message in the file. */
  readonly offset: number;
  /** Length of message and body. */
  readonly bytes: number;
  readonly rows: number;
  readonly recorder: string;
  readonly lane: number;
  /** The log positions that it completes, both inclusive. */
  readonly from: number;
  readonly to: number;
}

export interface SoundnessOptions {
  readonly storage: Storage;
  readonly file: OpenFile;
  /** Undefined if the schema is missing or not known to this version. */
  readonly layout: BatchLayout | undefined;
  readonly decompress: Decompress;
}

/**
 * Undefined for a batch with any fault. The checksum covers only the body. So the rest of the
 * message is compared with the schema and with the `batch_id` of the rows.
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

/** Undefined if the schema has no batch_id, or the column cannot be read. */
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
  // Copied, because the output of a decompressor may not be aligned.
  return typeof values === 'string' ? undefined : new BigInt64Array(values.slice().buffer);
}
