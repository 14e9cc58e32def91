/** The shop's messages as OTLP bytes: protobuf, or JSON by OTLP's own mapping. */
import { requestType } from '../../shared/otlp-messages.ts';
import type { Span, TraceRequest } from './telemetry.ts';

/** As protobufjs takes 64-bit integers: in two halves. */
interface Halves {
  readonly low: number;
  readonly high: number;
}

export function encodeProtobuf(request: TraceRequest): Uint8Array {
  const resourceSpans = request.resourceSpans.map((group) => ({
    ...group,
    scopeSpans: group.scopeSpans.map((part) => ({ ...part, spans: part.spans.map(toHalves) })),
  }));
  return requestType('traces').encode({ resourceSpans }).finish();
}

/** OTLP/JSON writes ids in hex and 64-bit integers as strings. */
export function encodeJson(request: TraceRequest): Uint8Array {
  const text = JSON.stringify(request, (key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (key === 'intValue') return String(value);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    return value;
  });
  return Buffer.from(text);
}

function toHalves(span: Span): object {
  return {
    ...span,
    startTimeUnixNano: halves(span.startTimeUnixNano),
    endTimeUnixNano: halves(span.endTimeUnixNano),
    events: span.events.map((event) => ({ ...event, timeUnixNano: halves(event.timeUnixNano) })),
  };
}

function halves(value: bigint): Halves {
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n) };
}
