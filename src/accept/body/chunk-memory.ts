/** Frees the memory of a body's chunks as soon as their bytes have been copied. */
import { MessageChannel } from 'node:worker_threads';

/** Freeing a chunk takes a microsecond; smaller ones are left to the garbage collector. */
const discardedBytesMin = 4096;

/** grpc-js leaves the prefix of a message in front of it, in the same buffer. */
const prefixBytesMax = 5;

/**
 * A buffer that is transferred to a closed port is freed at once. ArrayBuffer.prototype.transfer
 * would do the same, but exists only from Node 22 on.
 */
const nowhere = closedPort();

/**
 * Takes the chunks from the caller: their memory must not be used afterwards. V8 counts this memory
 * as its own and marks its whole heap after some megabytes of it, which a fast sender fills many
 * times a second. A chunk that shares its buffer with others is left alone.
 */
export function discardChunks(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (byteLength < discardedBytesMin || buffer.byteLength - byteLength > prefixBytesMax) continue;
    if (buffer instanceof ArrayBuffer) nowhere.postMessage(null, [buffer]);
  }
}

function closedPort() {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
