/** The port of the decompressor: one function, so that what stands behind it can change. */

/**
 * What a whole zstd frame stands for, if that is exactly so many bytes; undefined for every other
 * frame and for what is none. It takes memory in proportion to these bytes, whatever the frame
 * claims.
 */
export type Decompress = (frame: Uint8Array, bytes: number) => Uint8Array | undefined;
