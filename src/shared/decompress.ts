/** The port of the decompressor: one function, so that its implementation can be replaced. */

/**
 * Returns the content of a whole zstd frame if it has exactly `bytes` bytes. Returns undefined for
 * every other frame and for input that is not a zstd frame. Memory use is proportional to `bytes`,
 * whatever size the frame states.
 */
export type Decompress = (frame: Uint8Array, bytes: number) => Uint8Array | undefined;
