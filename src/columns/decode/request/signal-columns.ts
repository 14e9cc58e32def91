/** The columns of a signal, and the operations that all three signals share. */

import { IdColumn } from '../column/id-column.ts';
import { Table } from '../column/table.ts';
import { TextRunColumn } from '../column/text-run-column.ts';
import { TimeColumn } from '../column/time-column.ts';
import { Holder } from '../memory/held-bytes.ts';
import { extraBytes } from './extra.ts';
import { GroupColumns } from './group-columns.ts';
import { resourceText } from './resource.ts';
import { scopeText } from './scope.ts';

/** A table, and the columns that code for all signals needs by name. */
export abstract class SignalColumns extends Holder {
  table: Table;
  time: TimeColumn;
  /** Null for a signal whose rows belong to no trace. */
  traceId: IdColumn | null;
  serviceName: TextRunColumn;
  groupColumns: GroupColumns;

  constructor(
    table: Table,
    time: TimeColumn,
    traceId: IdColumn | null,
    serviceName: TextRunColumn,
    groupColumns: GroupColumns,
  ) {
    super();
    this.table = table;
    this.time = time;
    this.traceId = traceId;
    this.serviceName = serviceName;
    this.groupColumns = groupColumns;
  }

  /** Begins a scope group, whose records come next. */
  startScopeGroup(): void {}

  /** Reads one record, which ends at `end`. */
  abstract readRecord(end: usize): void;

  /**
   * True if each record is one row. Then the caller of `readRecord` keeps what is irregular in it;
   * otherwise `readRecord` itself must keep it (extra.ts).
   */
  recordIsRow(): bool {
    return true;
  }

  /**
   * Returns the bytes that the columns would take as Arrow buffers, and those collected for the
   * current request.
   */
  heldBytes(): u64 {
    return this.table.heldBytes() + resourceText.bytes + scopeText.bytes + extraBytes();
  }
}
