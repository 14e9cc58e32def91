/** The columns of a signal, and what the three signals do with theirs alike. */

import { IdColumn } from '../column/id-column.ts';
import { Table } from '../column/table.ts';
import { TextRunColumn } from '../column/text-run-column.ts';
import { TimeColumn } from '../column/time-column.ts';
import { Holder } from '../memory/held-bytes.ts';
import { extraBytes } from './extra.ts';
import { GroupColumns } from './group-columns.ts';
import { resourceText } from './resource.ts';
import { scopeText } from './scope.ts';

/** A table, and those of its columns that are asked for by name. */
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

  /** Takes the message of one record, which ends at `end`. */
  abstract readRecord(end: usize): void;

  /**
   * Whether a record is a row. Then what is irregular in it is kept by whoever calls `readRecord`;
   * otherwise `readRecord` itself has to (extra.ts).
   */
  recordIsRow(): bool {
    return true;
  }

  /** What the columns would take when written out, and what is noted of the request being read. */
  heldBytes(): u64 {
    return this.table.heldBytes() + resourceText.bytes + scopeText.bytes + extraBytes();
  }
}
