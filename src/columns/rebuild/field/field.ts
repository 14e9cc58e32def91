/** The port of a message's fields: each field takes its value from one or several columns. */
import type { Columns } from '../column/columns.ts';
import type { WireWriter } from '../wire/wire-writer.ts';

/**
 * A field is created once for each signal and loaded for each batch. It writes nothing if the
 * column holds what protobuf omits: the default of a value without presence.
 */
export interface Field {
  /**
   * Prepares the field for a batch. Returns false if certainly no row of the batch has anything to
   * write; then `write` need not be called. Throws a CellFault if the batch lacks a column or a
   * buffer is too short. The field refers to the batch's buffers until the next `load`.
   */
  load(columns: Columns): boolean;
  /**
   * Appends the field of the row, with its tag. Throws a CellFault if the cell holds something that
   * cannot be written.
   */
  write(out: WireWriter, row: number): void;
}
