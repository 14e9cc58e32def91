/**
 * The prefix of each buffer in a RecordBatch body with compression (Arrow, BodyCompression).
 *
 *     compressed  ┌───────────────┬────────────┐   the prefix is an i64, little-endian
 *                 │ content bytes │ zstd frame │
 *                 └───────────────┴────────────┘
 *     kept raw    ┌───────────────┬────────────┐
 *                 │ -1            │ content    │
 *                 └───────────────┴────────────┘
 *
 * A buffer of 0 bytes has no prefix: it takes 0 bytes in the body.
 */

export const compressionPrefixBytes = 8;

/** The prefix of a buffer whose content follows without compression. */
export const keptRawPrefix = -1n;

/**
 * Buffers with fewer bytes are not compressed. A zstd frame has 10 to 20 bytes of overhead and a
 * call of the native compressor takes 20 µs whatever its input, so a smaller buffer gains next to
 * nothing.
 */
export const compressBytesMin = 128;

/** Writes the prefix of a zstd frame whose content has `contentBytes` bytes. */
export function writeFramePrefix(memory: DataView, offset: number, contentBytes: number): void {
  memory.setBigInt64(offset, BigInt(contentBytes), true);
}

/** Writes the prefix of content that follows as it is. */
export function writeKeptRawPrefix(memory: DataView, offset: number): void {
  memory.setBigInt64(offset, keptRawPrefix, true);
}

/**
 * Returns the prefix of a stored buffer: the bytes of its content, or `keptRawPrefix`. A damaged
 * file may hold any other number. Returns undefined if the buffer is shorter than a prefix.
 */
export function readCompressionPrefix(stored: Uint8Array): bigint | undefined {
  if (stored.byteLength < compressionPrefixBytes) return undefined;
  return new DataView(stored.buffer, stored.byteOffset, stored.byteLength).getBigInt64(0, true);
}
