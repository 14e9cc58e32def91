/** What every column can do for its table. */

export abstract class Column {
  /** Makes room for so many rows; false if there is no memory. Rows held stay. */
  abstract setCapacity(rowCapacity: u32, rows: u32): bool;

  /** Keeps the first `rows` rows, and forgets what has been written of later ones. */
  abstract truncate(rows: u32): void;

  /** What `rows` rows take when they are written out. */
  abstract heldBytes(rows: u32): u64;

  /** The memory that `cut` takes for buffers that are only made then. */
  abstract cutBytes(rows: u32): u64;

  /** Adds the column's nodes and buffers to the cut table. */
  abstract cut(rows: u32): void;

  /** Forgets all rows, and memory that only a burst has needed. */
  abstract reset(): void;
}
