/** The native zstd compressor: Node's own where it has one, else the package's. */
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import type { Compress } from '../../shared/compress.ts';

/**
 * A higher level takes a third more time to save a hundredth; a lower one makes half as many more.
 */
export const zstdLevel = 1;

/** What Node has from 22.15 on; its types are those of Node 20. */
interface NodeZstd {
  readonly zstdCompressSync?: (
    bytes: Uint8Array,
    options: { readonly params: Readonly<Record<number, number>> },
  ) => Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number };
}

/** Both take views of shared memory as they are, and both give memory of their own back. */
export function nativeCompress(level: number): Compress {
  return nodeCompress(level, zlib as unknown as NodeZstd) ?? packageCompress(level);
}

/** Undefined where this Node has no zstd. */
export function nodeCompress(level: number, node: NodeZstd): Compress | undefined {
  const { zstdCompressSync } = node;
  const levelParameter = node.constants.ZSTD_c_compressionLevel;
  if (zstdCompressSync === undefined || levelParameter === undefined) return undefined;
  const options = { params: { [levelParameter]: level } };
  return (bytes) => zstdCompressSync(bytes, options);
}

/** Loaded only when it is needed: a platform that the package lacks may have a newer Node. */
function packageCompress(level: number): Compress {
  const { Encoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd');
  const encoder = new Encoder(level);
  return (bytes) => encoder.encodeSync(toBuffer(bytes));
}

/** The package takes Buffers only; this one looks at the same bytes. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
