/** What bounds the body of a request: its own limit, and what all bodies together may take. */

/** The budget of bodies in flight. */
export interface ByteBudget {
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export interface BodyLimits {
  /** Before and after decompression. */
  readonly requestBytesMax: number;
  readonly budget: ByteBudget;
}
