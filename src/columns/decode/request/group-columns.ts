/** The columns that end every table: scope, resource, request, and `otlp_extra`. */

import { NumberRunColumn } from '../column/number-run-column.ts';
import { Table } from '../column/table.ts';
import { TextColumn } from '../column/text-column.ts';
import { TextRunColumn } from '../column/text-run-column.ts';
import { writeExtra } from './extra.ts';

/** Initial size, enough for the values of a usual batch: JSON of some dozen resources or scopes. */
const attributesBytes: u32 = 16384;
const textBytes: u32 = 1024;

export class GroupColumns {
  scopeName: TextRunColumn;
  scopeVersion: TextRunColumn;
  scopeAttributes: TextRunColumn;
  scopeDroppedAttributesCount: NumberRunColumn;
  scopeSchemaUrl: TextRunColumn;
  resourceAttributes: TextRunColumn;
  resourceDroppedAttributesCount: NumberRunColumn;
  resourceSchemaUrl: TextRunColumn;
  receivedTime: NumberRunColumn;
  batchId: NumberRunColumn;
  resourceIndex: NumberRunColumn;
  scopeIndex: NumberRunColumn;
  private extra: TextColumn;

  /** Adds the columns to the table, in the order of the schema. */
  constructor(table: Table) {
    this.scopeName = table.add(new TextRunColumn(textBytes));
    this.scopeVersion = table.add(new TextRunColumn(textBytes));
    this.scopeAttributes = table.add(new TextRunColumn(attributesBytes));
    this.scopeDroppedAttributesCount = table.add(new NumberRunColumn(4));
    this.scopeSchemaUrl = table.add(new TextRunColumn(textBytes));
    this.resourceAttributes = table.add(new TextRunColumn(attributesBytes));
    this.resourceDroppedAttributesCount = table.add(new NumberRunColumn(4));
    this.resourceSchemaUrl = table.add(new TextRunColumn(textBytes));
    this.receivedTime = table.add(new NumberRunColumn(8));
    this.batchId = table.add(new NumberRunColumn(8));
    this.resourceIndex = table.add(new NumberRunColumn(4));
    this.scopeIndex = table.add(new NumberRunColumn(4));
    this.extra = table.add(new TextColumn(textBytes, true));
  }

  /** Ends a row of the columns that are not runs: `otlp_extra`, NULL until the request ends. */
  endRow(row: u32): void {
    this.extra.endRow(row);
  }

  /** Ends the `rows` rows of a request, the first of which is `firstRow`. */
  endRequest(firstRow: u32, rows: u32, receivedTime: u64, batchId: i64): void {
    writeExtra(this.extra, firstRow, rows);
    this.receivedTime.append(rows, receivedTime);
    this.batchId.append(rows, <u64>batchId);
  }
}
