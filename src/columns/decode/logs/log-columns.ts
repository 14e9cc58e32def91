/** The columns of the schema logs/1. */
import { EnumColumn } from '../column/enum-column.ts';
import { FixedColumn } from '../column/fixed-column.ts';
import { IdColumn } from '../column/id-column.ts';
import { OptionalTextColumn } from '../column/optional-text-column.ts';
import { Table } from '../column/table.ts';
import { TextColumn } from '../column/text-column.ts';
import { TextRunColumn } from '../column/text-run-column.ts';
import { TimeColumn } from '../column/time-column.ts';
import { GroupColumns } from '../request/group-columns.ts';

/**
 * Names by the numbers of AnyValue's members. 0 is no member; 8 exists in the profiles signal
 * alone.
 */
const bodyTypeNames: StaticArray<string> = [
  'empty',
  'string',
  'bool',
  'int',
  'double',
  'array',
  'kvlist',
  'bytes',
  'empty',
];

/** Initial capacity: a fifth of a usual batch, which three doublings then hold. */
const logRows: u32 = 2048;
const nullable = true;

export const logRecords = new Table(logRows);
export const time = logRecords.add(new TimeColumn());
export const observedTime = logRecords.add(new TimeColumn());
export const traceId = logRecords.add(new IdColumn(16, logRows));
export const spanId = logRecords.add(new IdColumn(8, logRows));
export const serviceName = logRecords.add(new TextRunColumn(1024));
export const severityNumber = logRecords.add(new FixedColumn(4));
export const severityText = logRecords.add(new TextColumn(logRows * 8));
export const eventName = logRecords.add(new TextColumn(logRows * 4));
export const body = logRecords.add(new OptionalTextColumn(logRows * 64));
export const bodyType = logRecords.add(new EnumColumn(bodyTypeNames, logRows * 8, nullable));
export const attributes = logRecords.add(new TextColumn(logRows * 128));
export const droppedAttributesCount = logRecords.add(new FixedColumn(4));
export const flags = logRecords.add(new FixedColumn(4));
export const groupColumns = new GroupColumns(logRecords);
