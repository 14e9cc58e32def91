/** The encodings of HTTP bodies, and the streams that inflate gzip and deflate. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** The supported encodings; `deflate` is the zlib format, as HTTP defines it. */
export const bodyEncodings = ['identity', 'gzip', 'deflate', 'zstd'] as const;

export type BodyEncoding = (typeof bodyEncodings)[number];

export type CompressedEncoding = Exclude<BodyEncoding, 'identity'>;

/**
 * Each inflated block costs a round trip to Node's thread pool. With this size, 480 KB take a fifth
 * less CPU time than with 32 KiB; twice this size gains little.
 */
export const inflateBlockBytes = 65_536;

/** zstd bodies are inflated as a whole instead, by zstd-body.ts. */
export function createInflate(encoding: Exclude<CompressedEncoding, 'zstd'>): Transform {
  const options = { chunkSize: inflateBlockBytes };
  return encoding === 'gzip' ? zlib.createGunzip(options) : zlib.createInflate(options);
}
