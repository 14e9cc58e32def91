/** The native zstd decompressor: Node's own if it has one, otherwise that of a package. */
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import type { Decompress } from '../../shared/decompress.ts';
import { zstdBytesMax } from '../../shared/zstd-frame.ts';

/** Present from Node 22.15 on. The types in use are those of Node 20. */
interface NodeZstd {
  readonly zstdDecompressSync?: (
    frame: Uint8Array,
    options: { readonly maxOutputLength: number },
  ) => Uint8Array;
}

/** Both return memory that the caller owns. */
export function nativeDecompress(): Decompress {
  return nodeDecompress(zlib as unknown as NodeZstd) ?? packageDecompress();
}

/** Undefined if this Node has no zstd. */
export function nodeDecompress({ zstdDecompressSync }: NodeZstd): Decompress | undefined {
  if (zstdDecompressSync === undefined) return undefined;
  return (frame, bytes) => {
    // Node ignores bytes that follow the frame.
    if (zstdBytesMax(frame) === undefined) return undefined;
    // Node refuses a limit of 0.
    const maxOutputLength = Math.max(bytes, 1);
    return ifExactly(bytes, () => zstdDecompressSync(frame, { maxOutputLength }));
  };
}

/**
 * How many times larger than expected a frame may seem. Compressors end a block early where the
 * content changes, down to a sixteenth of the 128 KiB that the block header may stand for.
 */
const seemingFactor = 16;
const seemingBytesMin = 1024 * 1024;

/** The package has no output limit, so a frame that could become far too large is refused first. */
export function packageDecompress(): Decompress {
  const { Decoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd');
  const decoder = new Decoder();
  return (frame, bytes) => {
    const seemingBytes = zstdBytesMax(frame);
    if (seemingBytes === undefined) return undefined;
    if (seemingBytes > Math.max(bytes * seemingFactor, seemingBytesMin)) return undefined;
    return ifExactly(bytes, () => decoder.decodeSync(toBuffer(frame)));
  };
}

/** Both decompressors throw many kinds of errors. Each means that the frame is invalid. */
function ifExactly(bytes: number, decode: () => Uint8Array): Uint8Array | undefined {
  try {
    const content = decode();
    return content.byteLength === bytes ? content : undefined;
  } catch {
    return undefined;
  }
}

/** The package accepts only Buffers. This one shares the bytes. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
