/** Gives the memory of a body's chunks back as soon as their bytes have been copied. */
import { MessageChannel } from 'node:worker_threads';

/** Giving a chunk back takes a microsecond; smaller ones are left to the garbage collector. */
const discardedBytesMin = 4096;

/** What grpc-js leaves of a message's prefix before the message. */
const prefixBytesMax = 5;

/**
 * What is transferred to a closed port is freed at once. ArrayBuffer.prototype.transfer would do
 * the same, but is there from Node 22 on only.
 */
const nowhere = closedPort();

/**
 * Nobody may use the chunks afterwards. V8 counts their memory as its own and marks its whole heap
 * each time some megabytes of it have come; a fast sender fills those many times a second, and the
 * bytes are in the ring anyway. A chunk that shares its buffer with others stays.
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
