/** Bytes as a stream of chunks of a size, for tests of what reads streams. */
import { ByteReader } from '../../../src/commands/import/byte-reader.ts';

/** A reader whose chunks have so many bytes. */
export function readerOf(bytes: Uint8Array | string, chunkBytes = 7): ByteReader {
  return new ByteReader(chunksOf(Buffer.from(bytes), chunkBytes));
}

async function* chunksOf(bytes: Buffer, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
  }
}

/** Each message behind its length, as the Collector's file exporter writes them. */
export function behindLengths(...messages: readonly Uint8Array[]): Buffer {
  const parts = messages.flatMap((message) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return [length, message];
  });
  return Buffer.concat(parts);
}
