/** The columns of the schema spans/1. */
import { EnumColumn } from '../column/enum-column.ts';
import { FixedColumn } from '../column/fixed-column.ts';
import { IdColumn } from '../column/id-column.ts';
import { ListColumn } from '../column/list-column.ts';
import { Table } from '../column/table.ts';
import { TextColumn } from '../column/text-column.ts';
import { TextRunColumn } from '../column/text-run-column.ts';
import { TimeColumn } from '../column/time-column.ts';
import { GroupColumns } from '../request/group-columns.ts';

const kindNames: StaticArray<string> = [
  'UNSPECIFIED',
  'INTERNAL',
  'SERVER',
  'CLIENT',
  'PRODUCER',
  'CONSUMER',
];

const statusCodeNames: StaticArray<string> = ['UNSET', 'OK', 'ERROR'];

/** Initial capacity: a fifth of a usual batch, which three doublings then hold. */
const spanRows: u32 = 2048;
const eventRows: u32 = 512;
const linkRows: u32 = 128;
const nullable = true;

export const events = new Table(eventRows);
export const eventTime = events.add(new TimeColumn());
export const eventName = events.add(new TextColumn(eventRows * 16));
export const eventAttributes = events.add(new TextColumn(eventRows * 128));
export const eventDroppedAttributesCount = events.add(new FixedColumn(4));

export const links = new Table(linkRows);
export const linkTraceId = links.add(new IdColumn(16, linkRows));
export const linkSpanId = links.add(new IdColumn(8, linkRows));
export const linkTraceState = links.add(new TextColumn(linkRows * 16));
export const linkAttributes = links.add(new TextColumn(linkRows * 64));
export const linkDroppedAttributesCount = links.add(new FixedColumn(4));
export const linkFlags = links.add(new FixedColumn(4));

export const spans = new Table(spanRows);
export const startTime = spans.add(new TimeColumn());
export const endTime = spans.add(new TimeColumn());
export const durationNs = spans.add(new FixedColumn(8));
export const traceId = spans.add(new IdColumn(16, spanRows));
export const spanId = spans.add(new IdColumn(8, spanRows));
export const parentSpanId = spans.add(new IdColumn(8, spanRows));
export const serviceName = spans.add(new TextRunColumn(1024));
export const name = spans.add(new TextColumn(spanRows * 16));
export const kind = spans.add(new EnumColumn(kindNames, spanRows * 8, !nullable));
export const statusCode = spans.add(new EnumColumn(statusCodeNames, spanRows * 8, nullable));
export const statusMessage = spans.add(new TextColumn(spanRows * 4));
export const attributes = spans.add(new TextColumn(spanRows * 256));
export const eventList = spans.add(new ListColumn(events));
export const linkList = spans.add(new ListColumn(links));
export const traceState = spans.add(new TextColumn(spanRows * 4));
export const flags = spans.add(new FixedColumn(4));
export const droppedAttributesCount = spans.add(new FixedColumn(4));
export const droppedEventsCount = spans.add(new FixedColumn(4));
export const droppedLinksCount = spans.add(new FixedColumn(4));
export const groupColumns = new GroupColumns(spans);
