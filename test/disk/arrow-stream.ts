/** Reads a stream with apache-arrow, which has to be told how to undo zstd. */
import { readFileSync } from 'node:fs';
import { Decoder } from '@toondepauw/node-zstd';
import { CompressionType, compressionRegistry, RecordBatchReader } from 'apache-arrow';
import type { ExampleRow } from './example-batch.ts';

compressionRegistry.set(CompressionType.ZSTD, {
  // A fresh array: the decoder's own may start at any byte, and columns of 8 bytes cannot.
  decode: (bytes) => new Uint8Array(new Decoder().decodeSync(Buffer.from(bytes))),
});

/** The rows of each batch; the file need not have an end mark. */
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
