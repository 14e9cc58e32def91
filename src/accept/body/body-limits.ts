/** The limits for the body of a request: its own size, and the size of all bodies together. */

/** Counts the bytes of all bodies in flight. */
export interface ByteBudget {
  /** False if there is no room: then nothing is counted. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export interface BodyLimits {
  /** Size limit both before and after decompression, in bytes. */
  readonly requestBytesMax: number;
  readonly budget: ByteBudget;
}
