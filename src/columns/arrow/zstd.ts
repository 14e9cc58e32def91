/** The native zstd compressor: Node's own if it has one, else that of @toondepauw/node-zstd. */
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import type { Compress } from '../../shared/compress.ts';

/**
 * A higher level takes a third more time to save a hundredth of the bytes. A lower level produces
 * half as many bytes again.
 */
export const zstdLevel = 1;

/** What Node has from 22.15. Our types are those of Node 20, which lack it. */
interface NodeZstd {
  readonly zstdCompressSync?: (
    bytes: Uint8Array,
    options: { readonly params: Readonly<Record<number, number>> },
  ) => Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
}

/**
 * Returns a compressor. It takes views of shared memory without copying them, and each result has
 * memory of its own.
 */
export function nativeCompress(level: number): Compress {
  return nodeCompress(level, zlib as unknown as NodeZstd) ?? packageCompress(level);
}

/** Returns undefined if this Node has no zstd. */
export function nodeCompress(level: number, node: NodeZstd): Compress | undefined {
  const { zstdCompressSync } = node;
  const levelParameter = node.constants.ZSTD_c_compressionLevel;
  if (zstdCompressSync === undefined || levelParameter === undefined) return undefined;
  const options = { params: { [levelParameter]: level } };
  return (bytes) => zstdCompressSync(bytes, options);
}

/**
 * Loads the package only when it is needed: a platform that the package does not support may have a
 * newer Node.
 */
function packageCompress(level: number): Compress {
  const { Encoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd');
  const encoder = new Encoder(level);
  return (bytes) => encoder.encodeSync(toBuffer(bytes));
}

/** Returns a Buffer over the same bytes, because the package accepts only Buffers. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
