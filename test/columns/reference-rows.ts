/** What the columns must hold, from what protobufjs decodes; written for clearness alone. */
import protobuf from 'protobufjs';
import { requestType } from '../../src/shared/otlp-messages.ts';
import { type Row, receivedTime, type Value } from './decoder-harness.ts';

/** Messages nest deeper than protobufjs allows at first: three for each of 64 levels, and four. */
const nestingMax = 256;

/** Times from 2^63 - 1 on do not fit. */
const timeMax = 2n ** 63n - 2n;

/*
 * protobufjs differs in two things, and is made to agree: it refuses text that is not UTF-8, and
 * lets varints that it skips be longer than ten bytes. EntityRefs, which the decoder steps over
 * without a look inside, are unknown to it here.
 */
protobuf.Reader.prototype.stringVerify = protobuf.Reader.prototype.string;
protobuf.BufferReader.prototype.stringVerify = protobuf.Reader.prototype.string;
protobuf.Reader.recursionLimit = nestingMax;
protobuf.Reader.prototype.skip = skip;
protobuf.BufferReader.prototype.skip = skip;

function skip(this: protobuf.Reader, length?: number): protobuf.Reader {
  if (length === undefined) {
    this.uint64();
    return this;
  }
  if (this.pos + length > this.len) throw new RangeError('index out of range');
  this.pos += length;
  return this;
}

function loadRequestType(): protobuf.Type {
  const type = requestType('traces');
  const resource = type.root.lookupType('opentelemetry.proto.resource.v1.Resource');
  const entityRefs = resource.fields.entityRefs;
  if (entityRefs !== undefined) resource.remove(entityRefs);
  return type;
}

interface Integer {
  toString(): string;
}

interface AnyValue {
  readonly value?: string;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Integer;
  readonly doubleValue: number;
  readonly arrayValue: { readonly values: readonly AnyValue[] };
  readonly kvlistValue: { readonly values: readonly KeyValue[] };
  readonly bytesValue: Uint8Array;
}

interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue | null;
}

interface WithAttributes {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

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

interface Scope extends WithAttributes {
  readonly name: string;
  readonly version: string;
}

interface ScopeSpans {
  readonly scope?: Scope | null;
  readonly spans: readonly Span[];
  readonly schemaUrl: string;
}

interface ResourceSpans {
  readonly resource?: WithAttributes | null;
  readonly scopeSpans: readonly ScopeSpans[];
  readonly schemaUrl: string;
}

/** Throws where protobufjs refuses the bytes. */
export function referenceRows(request: Uint8Array, batchId = 1n): Row[] {
  const { resourceSpans } = loadRequestType().decode(request) as unknown as {
    readonly resourceSpans: readonly ResourceSpans[];
  };
  return resourceSpans.flatMap((resourceGroup, resourceIndex) =>
    resourceGroup.scopeSpans.flatMap((scopeGroup, scopeIndex) =>
      scopeGroup.spans.map((span) => ({
        ...spanColumns(span, resourceGroup),
        ...scopeColumns(scopeGroup),
        ...resourceColumns(resourceGroup),
        received_time: receivedTime,
        batch_id: batchId,
        resource_index: resourceIndex,
        scope_index: scopeIndex,
        otlp_extra: null,
      })),
    ),
  );
}

function spanColumns(span: Span, resourceGroup: ResourceSpans): Row {
  const start = time(span.startTimeUnixNano);
  const end = time(span.endTimeUnixNano);
  return {
    start_time: start,
    end_time: end,
    duration_ns: start === null || end === null ? 0n : end - start,
    trace_id: id(span.traceId),
    span_id: id(span.spanId),
    parent_span_id: id(span.parentSpanId),
    service_name: serviceName(resourceGroup),
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

function scopeColumns({ scope, schemaUrl }: ScopeSpans): Row {
  return {
    scope_name: scope ? scope.name : null,
    scope_version: scope?.version ?? '',
    scope_attributes: attributesText(scope?.attributes ?? []),
    scope_dropped_attributes_count: scope?.droppedAttributesCount ?? 0,
    scope_schema_url: schemaUrl,
  };
}

function resourceColumns({ resource, schemaUrl }: ResourceSpans): Row {
  return {
    resource_attributes: resource ? attributesText(resource.attributes) : null,
    resource_dropped_attributes_count: resource?.droppedAttributesCount ?? 0,
    resource_schema_url: schemaUrl,
  };
}

function serviceName({ resource }: ResourceSpans): string | null {
  const first = resource?.attributes.find(({ key }) => key === 'service.name');
  return first?.value?.value === 'stringValue' ? first.value.stringValue : null;
}

function time(value: Integer): bigint | null {
  const nanoseconds = BigInt(value.toString());
  return nanoseconds === 0n || nanoseconds > timeMax ? null : nanoseconds;
}

function id(bytes: Uint8Array): Value {
  return bytes.length === 0 ? null : Buffer.from(bytes).toString('hex');
}

function enumText(number: number, names: readonly string[]): string {
  return names[number] ?? String(number);
}

export function attributesText(attributes: readonly KeyValue[]): string {
  return `{${attributes.map(keyValueText).join(',')}}`;
}

function keyValueText({ key, value }: KeyValue): string {
  return `${JSON.stringify(key)}:${value ? valueText(value) : 'null'}`;
}

function valueText(any: AnyValue): string {
  switch (any.value) {
    case 'stringValue':
      return JSON.stringify(any.stringValue);
    case 'boolValue':
      return String(any.boolValue);
    case 'intValue':
      return any.intValue.toString();
    case 'doubleValue':
      return doubleText(any.doubleValue);
    case 'arrayValue':
      return `[${any.arrayValue.values.map(valueText).join(',')}]`;
    case 'kvlistValue':
      return attributesText(any.kvlistValue.values);
    case 'bytesValue':
      return `"${Buffer.from(any.bytesValue).toString('base64')}"`;
    default:
      return 'null';
  }
}

/** JavaScript's shortest digits, recognisable as a double; not finite: a string. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
