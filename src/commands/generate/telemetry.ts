/** What the shop emits: OTLP's messages as plain objects, before any encoding. */

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: number }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface Resource {
  readonly attributes: readonly KeyValue[];
}

export interface Scope {
  readonly name: string;
  readonly version: string;
}

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

export interface SpanLink {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState: string;
  readonly attributes: readonly KeyValue[];
  readonly flags: number;
}

export interface Status {
  readonly code: number;
  readonly message: string;
}

export interface Span {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: Uint8Array;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly status: Status;
}

export interface ScopeSpans {
  readonly scope: Scope;
  readonly spans: readonly Span[];
  readonly schemaUrl: string;
}

export interface ResourceSpans {
  readonly resource: Resource;
  readonly scopeSpans: readonly ScopeSpans[];
  readonly schemaUrl: string;
}

/** An ExportTraceServiceRequest. */
export interface TraceRequest {
  readonly resourceSpans: readonly ResourceSpans[];
}

export const spanKind = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

export const statusCode = { unset: 0, ok: 1, error: 2 } as const;

/** Bits of a span's flags: W3C's sampled, and OTLP's two about the parent's (or link's) context. */
export const spanFlags = { sampled: 0x001, remoteKnown: 0x100, remote: 0x200 } as const;

/** A double: JavaScript alone could not tell 200.0 from 200. */
export interface DoubleValue {
  readonly doubleValue: number;
}

/** Attributes as code writes them: a number is an integer, what is undefined is left out. */
export type Attributes = Readonly<
  Record<string, string | boolean | number | DoubleValue | readonly string[] | undefined>
>;

export function double(value: number): DoubleValue {
  return { doubleValue: value };
}

export function toKeyValues(attributes: Attributes): KeyValue[] {
  const list: KeyValue[] = [];
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) list.push({ key, value: toAnyValue(value) });
  }
  return list;
}

function toAnyValue(value: NonNullable<Attributes[string]>): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { intValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if ('doubleValue' in value) return value;
  return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } };
}
