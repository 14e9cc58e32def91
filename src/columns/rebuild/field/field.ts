/** What a message is made of: fields, each of which takes its value from a column or some. */
import type { Columns } from '../column/columns.ts';
import type { WireWriter } from '../wire/wire-writer.ts';

/**
 * A field is made once for each signal and loaded for each batch. It writes nothing where the
 * column holds what protobuf leaves out: the default of a value without presence.
 */
export interface Field {
  /**
   * False if it is certain that no row of the batch has anything to write; then none is asked.
   * Throws a CellFault where the batch has not what it should have.
   */
  load(columns: Columns): boolean;
  /** Throws a CellFault where the row says nothing that could be written. */
  write(out: WireWriter, row: number): void;
}
