/** The operations that a table needs from every column. */

export abstract class Column {
  /**
   * Makes room for `rowCapacity` rows and keeps the first `rows`. Returns false if there is no
   * memory.
   */
  abstract setCapacity(rowCapacity: u32, rows: u32): bool;

  /** Keeps the first `rows` rows and removes what has been written of later rows. */
  abstract truncate(rows: u32): void;

  /** Returns how many bytes `rows` rows take as Arrow buffers. */
  abstract heldBytes(rows: u32): u64;

  /** Returns how many bytes of scratch memory `cut` needs for the buffers that it creates. */
  abstract cutBytes(rows: u32): u64;

  /** Adds the column's nodes and buffers to the cut table. */
  abstract cut(rows: u32): void;

  /** Removes all rows, and frees memory that only a burst has needed. */
  abstract reset(): void;
}
