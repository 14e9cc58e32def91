/** The port of the compressor: one function, so that what stands behind it can change. */

/** A whole zstd frame of the bytes; the input may lie in shared memory and is not kept. */
export type Compress = (bytes: Uint8Array) => Uint8Array;
