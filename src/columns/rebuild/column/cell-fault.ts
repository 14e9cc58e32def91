/** What ends the rebuilding of a request: a column says something that no recorder has written. */

/** Thrown where the cell is read, and made a value by otlp-writer.ts, which knows the row. */
export class CellFault extends Error {
  /** With the names of what it lies in: `events.item.attributes`. */
  readonly column: string;

  constructor(column: string, what: string) {
    super(what);
    this.column = column;
  }
}
