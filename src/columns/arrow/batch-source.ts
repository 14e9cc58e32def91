/** The port through which a batch is taken from a decoder; request-decoder.ts implements it. */

/**
 * An address is a byte offset within `memory`. A `signal` is the number of a signal
 * (shared/signal.ts). Any call may make the memory grow, and then `memory.buffer` is another
 * object: take a view after the call, not before. Growing moves nothing, so addresses stay valid.
 */
export interface BatchSource {
  readonly memory: { readonly buffer: ArrayBufferLike };

  /**
   * Describes the signal's rows as a table of nodes and buffers (cut-table.ts). Returns how many
   * entries it has, or 0 if there is no memory for it. The table and what it describes are valid
   * until the next `cut` or a change of the signal's rows.
   */
  cut(signal: number): number;
  /** Returns the address of the table that the last `cut` has made. */
  cutTable(): number;
  /**
   * Writes the Arrow buffer that the entry at address `entry` describes to `target`. It may also
   * overwrite the 32 bytes behind the buffer.
   */
  materialise(target: number, entry: number): void;

  /** Returns how many rows the signal's columns hold. */
  rows(signal: number): number;
  /**
   * Returns the earliest value of the signal's first time column, in Unix nanoseconds; 0 if no row
   * has a time. The next three functions use the same unit and the same 0.
   */
  firstTime(signal: number): bigint;
  lastTime(signal: number): bigint;
  firstReceivedTime(signal: number): bigint;
  lastReceivedTime(signal: number): bigint;
  /** Returns the address of the run column (run-column.ts) of service names. */
  servicesRun(signal: number): number;
  /** Returns the address of the trace ids for `traceFilter`; 0 if the signal has none. */
  traceIds(signal: number): number;

  /**
   * Returns the address of `bytes` bytes, a multiple of 8, or 0 if the memory has no room. The
   * caller owns them until it calls `free`.
   */
  allocate(bytes: number): number;
  free(address: number): void;

  /*
   * Each of these writes one whole zstd frame to `target` and returns the bytes of the frame. The
   * caller must leave as much room at `target` as the matching bound below states.
   */

  /** Writes the frame of `bytes` zeros. Room: `zstdBound(bytes)`. */
  zstdZeros(target: number, bytes: number): number;
  /** Writes the frame of the lower-case hex text of binary ids. Room: `zstdBound` of the text. */
  zstdHex(target: number, ids: number, binaryBytes: number): number;
  /**
   * Writes the frame of a run column whose values make up `bytes` bytes; returns 0 if they do not.
   * Room: `zstdRunBound(column, bytes)`.
   */
  zstdRun(target: number, column: number, bytes: number): number;
  /** Writes the frame of offsets, or returns 0 if a compressor may do better. Room: `zstdBound`. */
  zstdOffsets(target: number, offsets: number, bytes: number): number;
  /** Writes the frame of timestamps, or returns 0 as above. Room: `zstdBound(bytes)`. */
  zstdTimes(target: number, times: number, bytes: number): number;
  zstdBound(bytes: number): number;
  zstdRunBound(column: number, bytes: number): number;

  /**
   * Writes the Bloom filter over the distinct trace ids to `target` and returns its bytes. Room:
   * `traceFilterBound(rows)`.
   */
  traceFilter(target: number, traceIds: number, rows: number): number;
  traceFilterBound(rows: number): number;
}
