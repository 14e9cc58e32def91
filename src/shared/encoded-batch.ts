/**
 * A batch of rows as columns hand it to disk: the buffers of an Arrow RecordBatch, and what it says
 * of itself.
 */

/** What message metadata `archer.stats` tells of a batch; times are Unix nanoseconds. */
export interface BatchStats {
  readonly rows: number;
  /** Of the signal's first time column; null where no row has one. */
  readonly firstTime: bigint | null;
  readonly lastTime: bigint | null;
  readonly firstReceivedTime: bigint;
  readonly lastReceivedTime: bigint;
  /** Distinct, in order of appearance. */
  readonly services: readonly string[];
}

export interface EncodedBatch {
  readonly rows: number;
  /** One pair for each field node, depth first: length, null count. */
  readonly nodes: readonly number[];
  /**
   * One pair for each buffer: offset in the body, bytes (with the length prefix where compressed).
   */
  readonly buffers: readonly number[];
  readonly compression: 'zstd' | 'none';
  /** Aligned to 8 bytes at its end too. Valid until the next batch of the lane is encoded. */
  readonly body: Uint8Array;
  readonly stats: BatchStats;
  /** The Bloom filter over the distinct trace ids (docs/format/segment.md); absent for metrics. */
  readonly traceIdFilter?: Uint8Array;
}
