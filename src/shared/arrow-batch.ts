/** The port for reading a RecordBatch. It does not depend on how the batch was read from a file. */

/** The uncompressed buffers of a column in Arrow's layout, little-endian. */
export interface ArrowColumn {
  /** One bit for each value, 1 if the value is not NULL; undefined if no value is NULL. */
  readonly validity: Uint8Array | undefined;
  /** The offsets of texts, bytes and lists: one more than there are values. */
  readonly offsets: Int32Array | undefined;
  /**
   * Numbers, bits of booleans, or the bytes that the offsets refer to; empty for lists and structs.
   */
  readonly data: Uint8Array;
}

export interface ArrowBatch {
  readonly rows: number;
  /** Paths join the names of nested fields: `name`, `events.item.time`, `bucket_counts.item`. */
  column(path: string): ArrowColumn | undefined;
}
