/** The port through which a RecordBatch is read, whoever has taken it from a file. */

/** The buffers of a column, uncompressed, as Arrow lays them out: little-endian. */
export interface ArrowColumn {
  /** A bit for each value, 1 where it is not NULL; undefined where none is NULL. */
  readonly validity: Uint8Array | undefined;
  /** Of texts, bytes and lists: one more than there are values. */
  readonly offsets: Int32Array | undefined;
  /** Numbers, bits of booleans, or what the offsets point into; of lists and structs nothing. */
  readonly data: Uint8Array;
}

export interface ArrowBatch {
  readonly rows: number;
  /** By the names down to it: `name`, `events`, `events.item.time`, `bucket_counts.item`. */
  column(path: string): ArrowColumn | undefined;
}
