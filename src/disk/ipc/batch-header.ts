/** Reads the header of a RecordBatch message: its field nodes and the places of its buffers. */
import type { BatchLayout } from './column-layout.ts';
import { MetadataFault } from './flatbuffer-table.ts';
import { compressionField, headerType, recordBatchField } from './ipc-format.ts';
import { readHeader } from './message-header.ts';

export interface FieldNode {
  readonly length: number;
  readonly nullCount: number;
}

export interface BufferPlace {
  /** Offset from the start of the body. */
  readonly offset: number;
  readonly bytes: number;
}

export interface BatchHeader {
  readonly nodes: readonly FieldNode[];
  readonly buffers: readonly BufferPlace[];
}

/** The field after those that ipc-format.ts names. */
const variadicBufferCountsField = 4;

/**
 * Returns the header, or one phrase that says what is wrong. Its numbers are safe integers and not
 * negative; nothing else about them is checked.
 */
export function readBatchHeader(
  metadata: Uint8Array,
  { nodeCount, bufferCount }: BatchLayout,
): BatchHeader | string {
  try {
    const batch = readHeader(metadata, headerType.recordBatch);
    batch.int64(recordBatchField.length);
    const compression = batch.table(recordBatchField.compression);
    compression?.int8(compressionField.codec);
    if ((compression?.int8(compressionField.method) ?? 0) !== 0) return 'its method is unknown';
    if (batch.has(variadicBufferCountsField)) return 'it has buffers of a variable number';
    const nodes = toPairs(batch.int64Pairs(recordBatchField.nodes));
    const buffers = toPairs(batch.int64Pairs(recordBatchField.buffers));
    if (nodes.length !== nodeCount) return `${nodes.length} nodes for ${nodeCount} columns`;
    if (buffers.length !== bufferCount) return `${buffers.length} buffers for ${bufferCount}`;
    return {
      nodes: nodes.map(([length, nullCount]) => ({ length, nullCount })),
      buffers: buffers.map(([offset, bytes]) => ({ offset, bytes })),
    };
  } catch (error) {
    if (error instanceof MetadataFault) return error.message;
    throw error;
  }
}

function toPairs(numbers: BigInt64Array): [number, number][] {
  const counts = Array.from(numbers, Number);
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new MetadataFault('a length or an offset is out of bounds');
  }
  return Array.from({ length: counts.length / 2 }, (_, index) => {
    return [counts[index * 2]!, counts[index * 2 + 1]!];
  });
}
