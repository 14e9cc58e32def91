/** Spans for the bench of the decoder: the requests, and the columns that the rival builds. */
import { type DataType, Field, Int64, List, Struct } from 'apache-arrow';
import { buildCorpus } from './corpus.ts';
import {
  attributesText,
  id,
  integer,
  type Long,
  type RivalSignal,
  text,
  ts,
  u32,
  type WithAttributes,
} from './decode-rival.ts';
import type { Workload } from './decode-workload.ts';

interface Span extends WithAttributes {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: Long;
  readonly endTimeUnixNano: Long;
  readonly events: readonly (WithAttributes & { timeUnixNano: Long; name: string })[];
  readonly droppedEventsCount: number;
  readonly links: readonly (WithAttributes & {
    traceId: Buffer;
    spanId: Buffer;
    traceState: string;
    flags: number;
  })[];
  readonly droppedLinksCount: number;
  readonly status?: { readonly message: string; readonly code: number };
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statusCodes = ['UNSET', 'OK', 'ERROR'];

function listOf(fields: Record<string, DataType>): DataType {
  const children = Object.entries(fields).map(([name, type]) => new Field(name, type, true));
  return new List(new Field('item', new Struct(children), false));
}

const eventType = listOf({ time: ts, name: text, attributes: text, dropped_attributes_count: u32 });
const linkType = listOf({
  trace_id: text,
  span_id: text,
  trace_state: text,
  attributes: text,
  dropped_attributes_count: u32,
  flags: u32,
});

const types: readonly DataType[] = [
  ...[ts, ts, new Int64(), text, text, text, text, text, text, text, text, text],
  ...[eventType, linkType, text, u32, u32, u32, u32],
];

const rival: RivalSignal<Span> = {
  signal: 'traces',
  resourceGroups: 'resourceSpans',
  scopeGroups: 'scopeSpans',
  items: 'spans',
  types,
  addRows: (span, _index, serviceName, add) => add(spanValues(span, serviceName)),
};

export const spanWorkload: Workload<Span> = {
  rowsName: 'spans',
  buildCorpus: ({ rowsPerRequest, requestCount, seed }) =>
    buildCorpus({ spansPerRequest: rowsPerRequest, requestCount, seed }),
  rival,
};

function spanValues(span: Span, serviceName: string | null): unknown[] {
  const start = integer(span.startTimeUnixNano);
  const end = integer(span.endTimeUnixNano);
  return [
    start || null,
    end || null,
    start && end ? end - start : 0n,
    id(span.traceId),
    id(span.spanId),
    id(span.parentSpanId),
    serviceName,
    span.name,
    kinds[span.kind] ?? String(span.kind),
    span.status ? (statusCodes[span.status.code] ?? String(span.status.code)) : null,
    span.status?.message ?? '',
    attributesText(span.attributes),
    span.events.map((event) => ({
      time: integer(event.timeUnixNano) || null,
      name: event.name,
      attributes: attributesText(event.attributes),
      dropped_attributes_count: event.droppedAttributesCount,
    })),
    span.links.map((link) => ({
      trace_id: id(link.traceId),
      span_id: id(link.spanId),
      trace_state: link.traceState,
      attributes: attributesText(link.attributes),
      dropped_attributes_count: link.droppedAttributesCount,
      flags: link.flags,
    })),
    span.traceState,
    span.flags,
    span.droppedAttributesCount,
    span.droppedEventsCount,
    span.droppedLinksCount,
  ];
}
