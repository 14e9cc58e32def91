/** Reads all rows of an output directory with apache-arrow, for tests that check recorded data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decoder } from '@toondepauw/node-zstd';
import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow';
import { segmentFiles } from '../../src/disk/segment/segment-files.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { readStructs } from '../columns/arrow-batch.ts';
import type { Row } from '../columns/decode/decoder-harness.ts';

compressionRegistry.set(CompressionType.ZSTD, {
  // Copies the bytes: the decoder's own array may start at any offset, but 8-byte columns need an
  // aligned start.
  decode: (bytes) => new Uint8Array(new Decoder().decodeSync(Buffer.from(bytes))),
});

/** A row. Columns that the signal does not have are undefined. */
export interface ArchiveRow {
  readonly signal: Signal;
  readonly name: string;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  /** A JSON object as text. */
  readonly attributes: string;
  readonly batch_id: bigint;
}

const columns = ['name', 'trace_id', 'span_id', 'attributes', 'batch_id'] as const;

/** Returns the rows in the order of segment numbers, and within a segment as they were written. */
export function readArchive(outputDir: string): ArchiveRow[] {
  return segmentFiles(nodeStorage, outputDir, signals).flatMap(({ signal, path }) => {
    return readRows(signal, join(outputDir, path));
  });
}

/**
 * Returns every column of one signal's rows without rounding: 64-bit integers and times are bigint.
 */
export function readSignal(outputDir: string, signal: Signal): Row[] {
  return segmentFiles(nodeStorage, outputDir, [signal]).flatMap(({ path }) => {
    const reader = RecordBatchReader.from(new Uint8Array(readFileSync(join(outputDir, path))));
    return [...reader].flatMap(({ data }) => readStructs(data));
  });
}

function readRows(signal: Signal, path: string): ArchiveRow[] {
  const reader = RecordBatchReader.from(new Uint8Array(readFileSync(path)));
  return [...reader].flatMap((batch) => {
    const vectors = columns.map((name) => batch.getChild(name));
    return Array.from({ length: batch.numRows }, (_, row) => {
      const cells = columns.map((name, column) => [name, vectors[column]?.get(row)]);
      return { signal, ...Object.fromEntries(cells) } as ArchiveRow;
    });
  });
}
