/** The port of the compressor: one function, so that its implementation can be replaced. */

/** Returns a whole zstd frame of the bytes. The input may lie in shared memory and is not kept. */
export type Compress = (bytes: Uint8Array) => Uint8Array;
