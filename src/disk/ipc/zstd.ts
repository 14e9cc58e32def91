/** The native zstd decompressor: Node's own where it has one, else the package's. */
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import type { Decompress } from '../../shared/decompress.ts';
import { zstdBytesMax } from '../../shared/zstd-frame.ts';

/** What Node has from 22.15 on; its types are those of Node 20. */
interface NodeZstd {
  readonly zstdDecompressSync?: (
    frame: Uint8Array,
    options: { readonly maxOutputLength: number },
  ) => Uint8Array;
}

/** Both give memory of their own back. */
export function nativeDecompress(): Decompress {
  return nodeDecompress(zlib as unknown as NodeZstd) ?? packageDecompress();
}

/** Undefined where this Node has no zstd. */
export function nodeDecompress({ zstdDecompressSync }: NodeZstd): Decompress | undefined {
  if (zstdDecompressSync === undefined) return undefined;
  return (frame, bytes) => {
    // Node itself takes no notice of what follows the frame.
    if (zstdBytesMax(frame) === undefined) return undefined;
    // A limit of 0 is refused.
    const maxOutputLength = Math.max(bytes, 1);
    return ifExactly(bytes, () => zstdDecompressSync(frame, { maxOutputLength }));
  };
}

/**
 * How much more than the wanted bytes a frame may seem to stand for: compressors end a block early
 * where its content changes, down to a sixteenth of the 128 KiB that it then still counts for.
 */
const seemingFactor = 16;
const seemingBytesMin = 1024 * 1024;

/** The package knows no limit: a frame that may stand for far too much is not given to it. */
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

/** Both decompressors throw errors of many kinds, all of which mean that the frame is none. */
function ifExactly(bytes: number, decode: () => Uint8Array): Uint8Array | undefined {
  try {
    const content = decode();
    return content.byteLength === bytes ? content : undefined;
  } catch {
    return undefined;
  }
}

/** The package takes Buffers only; this one looks at the same bytes. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
