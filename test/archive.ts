/** All rows of an output directory, read by apache-arrow; for tests that look at what was recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decoder } from '@toondepauw/node-zstd';
import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow';
import { segmentFiles } from '../src/disk/segment/catalogue.ts';
import { nodeStorage } from '../src/disk/storage.ts';
import { signals } from '../src/shared/signal.ts';

compressionRegistry.set(CompressionType.ZSTD, {
  // A fresh array: the decoder's own may start at any byte, and columns of 8 bytes cannot.
  decode: (bytes) => new Uint8Array(new Decoder().decodeSync(Buffer.from(bytes))),
});

export interface ArchiveRow {
  readonly name: string;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly batch_id: bigint;
}

const columns = ['name', 'trace_id', 'span_id', 'batch_id'] as const;

/** By segment number, and in the order in which they were written. */
export function readArchive(outputDir: string): ArchiveRow[] {
  return segmentFiles(nodeStorage, outputDir, signals).flatMap(({ path }) => {
    return readRows(join(outputDir, path));
  });
}

function readRows(path: string): ArchiveRow[] {
  const reader = RecordBatchReader.from(new Uint8Array(readFileSync(path)));
  return [...reader].flatMap((batch) => {
    const vectors = columns.map((name) => batch.getChild(name));
    return Array.from({ length: batch.numRows }, (_, row) => {
      const cells = columns.map((name, column) => [name, vectors[column]?.get(row)]);
      return Object.fromEntries(cells) as ArchiveRow;
    });
  });
}
