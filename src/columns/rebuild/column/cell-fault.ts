/**
 * The error that ends the rebuilding of a request: a cell holds something that no recorder writes.
 */

/**
 * Thrown where the cell is read. request-rebuilder.ts turns it into a value, because it knows the
 * row.
 */
export class CellFault extends Error {
  /** Path of the column: `events.item.attributes`. */
  readonly column: string;

  constructor(column: string, what: string) {
    super(what);
    this.column = column;
  }
}
