/** The plain way to the same columns: objects from protobufjs, builders of apache-arrow. */
import {
  type Builder,
  type DataType,
  Field,
  Int32,
  Int64,
  List,
  makeBuilder,
  Struct,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { requestType } from '../src/shared/otlp-messages.ts';

interface Long {
  readonly low: number;
  readonly high: number;
}

interface AnyValue {
  readonly value?: string;
  readonly stringValue: string;
  readonly boolValue: boolean;
  readonly intValue: Long;
  readonly doubleValue: number;
}

interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

interface WithAttributes {
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount: number;
}

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

interface Request {
  readonly resourceSpans: readonly {
    readonly resource?: WithAttributes;
    readonly schemaUrl: string;
    readonly scopeSpans: readonly {
      readonly scope?: WithAttributes & { readonly name: string; readonly version: string };
      readonly schemaUrl: string;
      readonly spans: readonly Span[];
    }[];
  }[];
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statusCodes = ['UNSET', 'OK', 'ERROR'];

/** As an int64, which has the same buffers: the builder of timestamps takes milliseconds. */
const ts = new Int64();
const text = new Utf8();
const u32 = new Uint32();

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

const columnTypes: readonly DataType[] = [
  ...[ts, ts, new Int64(), text, text, text, text, text, text, text, text, text],
  ...[eventType, linkType, text, u32, u32, u32, u32],
  ...[text, text, text, u32, text, text, u32, text],
  ...[ts, new Int64(), new Int32(), new Int32()],
];

export class BuilderColumns {
  readonly #type = requestType('traces');
  readonly #builders: readonly Builder[];
  rows = 0;

  constructor() {
    this.#builders = columnTypes.map((type) => makeBuilder({ type, nullValues: [null] }));
  }

  /** Adds a request's rows. */
  decode(request: Uint8Array, receivedTime: bigint, batchId: bigint): number {
    const rowsBefore = this.rows;
    const { resourceSpans } = this.#type.decode(request) as unknown as Request;
    for (const [resourceIndex, group] of resourceSpans.entries()) {
      const { resource } = group;
      const service = resource?.attributes.find(({ key }) => key === 'service.name');
      const serviceName = service?.value?.stringValue ?? null;
      const resourceValues = [
        resource ? attributesText(resource.attributes) : null,
        resource?.droppedAttributesCount ?? 0,
        group.schemaUrl,
      ];
      for (const [scopeIndex, { scope, schemaUrl, spans }] of group.scopeSpans.entries()) {
        const tail = [
          scope?.name ?? null,
          scope?.version ?? '',
          attributesText(scope?.attributes ?? []),
          scope?.droppedAttributesCount ?? 0,
          schemaUrl,
          ...resourceValues,
          ...[receivedTime, batchId, resourceIndex, scopeIndex],
        ];
        for (const span of spans) this.#append(spanValues(span, serviceName), tail);
      }
    }
    return this.rows - rowsBefore;
  }

  /** Ends the batch: its columns as Arrow data. */
  finish(): number {
    const bytes = this.#builders.reduce((sum, builder) => sum + builder.flush().byteLength, 0);
    this.rows = 0;
    return bytes;
  }

  #append(values: readonly unknown[], tail: readonly unknown[]): void {
    let column = 0;
    for (const value of values) this.#builders[column++]!.append(value);
    for (const value of tail) this.#builders[column++]!.append(value);
    this.rows++;
  }
}

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

function integer({ low, high }: Long): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function id(bytes: Buffer): string | null {
  return bytes.length === 0 ? null : bytes.toString('hex');
}

/** Only the kinds of values that the bench sends. */
function attributesText(attributes: readonly KeyValue[]): string {
  let json = '{';
  for (const { key, value } of attributes) {
    if (json.length > 1) json += ',';
    json += `${JSON.stringify(key)}:${value ? valueText(value) : 'null'}`;
  }
  return `${json}}`;
}

function valueText(any: AnyValue): string {
  switch (any.value) {
    case 'stringValue':
      return JSON.stringify(any.stringValue);
    case 'boolValue':
      return String(any.boolValue);
    case 'intValue':
      return BigInt.asIntN(64, integer(any.intValue)).toString();
    case 'doubleValue':
      return Number.isInteger(any.doubleValue) ? `${any.doubleValue}.0` : String(any.doubleValue);
    default:
      return 'null';
  }
}
