/** The rows that trace requests must become. */
import type { Row } from './decode/decoder-harness.ts';
import { referenceRowsOf, type SignalReference } from './reference-requests.ts';
import {
  attributesText,
  enumText,
  type Integer,
  id,
  time,
  type WithAttributes,
} from './reference-values.ts';

interface SpanEvent extends WithAttributes {
  readonly timeUnixNano: Integer;
  readonly name: string;
}

interface SpanLink extends WithAttributes {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState: string;
  readonly flags: number;
}

interface Span extends WithAttributes {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: Integer;
  readonly endTimeUnixNano: Integer;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly status?: { readonly message: string; readonly code: number } | null;
}

const reference: SignalReference<Span> = {
  signal: 'traces',
  resourceGroups: 'resourceSpans',
  scopeGroups: 'scopeSpans',
  items: 'spans',
  toRows: (span) => [spanColumns(span)],
};

/** Throws if protobufjs refuses the bytes. */
export function referenceRows(request: Uint8Array, batchId = 1n): Row[] {
  return referenceRowsOf(reference, request, batchId);
}

function spanColumns(span: Span): Row {
  const start = time(span.startTimeUnixNano);
  const end = time(span.endTimeUnixNano);
  return {
    start_time: start,
    end_time: end,
    duration_ns: start === null || end === null ? 0n : end - start,
    trace_id: id(span.traceId),
    span_id: id(span.spanId),
    parent_span_id: id(span.parentSpanId),
    name: span.name,
    kind: enumText(span.kind, [
      'UNSPECIFIED',
      'INTERNAL',
      'SERVER',
      'CLIENT',
      'PRODUCER',
      'CONSUMER',
    ]),
    status_code: span.status ? enumText(span.status.code, ['UNSET', 'OK', 'ERROR']) : null,
    status_message: span.status?.message ?? '',
    attributes: attributesText(span.attributes),
    events: span.events.map(eventColumns),
    links: span.links.map(linkColumns),
    trace_state: span.traceState,
    flags: span.flags,
    dropped_attributes_count: span.droppedAttributesCount,
    dropped_events_count: span.droppedEventsCount,
    dropped_links_count: span.droppedLinksCount,
  };
}

function eventColumns(event: SpanEvent): Row {
  return {
    time: time(event.timeUnixNano),
    name: event.name,
    attributes: attributesText(event.attributes),
    dropped_attributes_count: event.droppedAttributesCount,
  };
}

function linkColumns(link: SpanLink): Row {
  return {
    trace_id: id(link.traceId),
    span_id: id(link.spanId),
    trace_state: link.traceState,
    attributes: attributesText(link.attributes),
    dropped_attributes_count: link.droppedAttributesCount,
    flags: link.flags,
  };
}
