/** Reads a stream with apache-arrow, after registering a zstd decoder. */
import { readFileSync } from 'node:fs';
import { Decoder } from '@toondepauw/node-zstd';
import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow';
import type { ExampleRow } from './example-batch.ts';

compressionRegistry.set(CompressionType.ZSTD, {
  // Copies the bytes: the decoder's own array may start at any offset, but 8-byte columns need an
  // aligned start.
  decode: (bytes) => new Uint8Array(new Decoder().decodeSync(Buffer.from(bytes))),
});

/** Returns the rows of each batch. The file need not have an end mark. */
export function readArrowBatches(path: string): ExampleRow[][] {
  const reader = RecordBatchReader.from(new Uint8Array(readFileSync(path)));
  return [...reader].map((batch) =>
    Array.from({ length: batch.numRows }, (_, index) => ({
      id: batch.getChild('id')?.get(index),
      name: batch.getChild('name')?.get(index),
      value: batch.getChild('value')?.get(index),
    })),
  );
}

export function readArrowRows(path: string): ExampleRow[] {
  return readArrowBatches(path).flat();
}
