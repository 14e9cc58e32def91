/**
 * A batch of rows that columns/ passes to disk/: the buffers of an Arrow RecordBatch and its
 * metadata.
 */

/** The message metadata `archer.stats` of a batch. Times are Unix nanoseconds. */
export interface BatchStats {
  readonly rows: number;
  /** Earliest value in the first time column of the signal; null if no row has a value. */
  readonly firstTime: bigint | null;
  readonly lastTime: bigint | null;
  readonly firstReceivedTime: bigint;
  readonly lastReceivedTime: bigint;
  /** Distinct names, in order of appearance. */
  readonly services: readonly string[];
}

export interface EncodedBatch {
  readonly rows: number;
  /** One pair for each field node, depth first: length, null count. */
  readonly nodes: readonly number[];
  /**
   * One pair for each buffer: offset in the body, and bytes, including the length prefix if
   * compressed.
   */
  readonly buffers: readonly number[];
  readonly compression: 'zstd' | 'none';
  /** Padded at the end to 8 bytes too. Valid until the lane encodes its next batch. */
  readonly body: Uint8Array;
  readonly stats: BatchStats;
  /** The Bloom filter over the distinct trace ids (docs/format/segment.md); absent for metrics. */
  readonly traceIdFilter?: Uint8Array;
}
