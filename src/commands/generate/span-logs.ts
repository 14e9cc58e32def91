/** What the services write into their logs about the spans that they make. */

import type { Instance } from './fleet.ts';
import type { LogRecord } from './log-messages.ts';
import type { Scope } from './telemetry.ts';
import {
  type AnyValue,
  type KeyValue,
  type Span,
  type SpanEvent,
  spanKind,
  toKeyValues,
} from './telemetry.ts';
import type { EmittedSpan } from './visit.ts';

/** A log record and where it comes from. */
export interface EmittedLog {
  readonly instance: Instance;
  readonly scope: Scope;
  readonly record: LogRecord;
}

type Severity = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** Of OTLP's 24 levels the first of each name. */
const severityNumbers: Readonly<Record<Severity, number>> = {
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  ERROR: 17,
};

/** What a rule has to say; all else comes from the span. */
interface Line {
  readonly severity: Severity;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly atUnixNs: bigint;
  /** Of what has one: an event whose shape its name tells. */
  readonly eventName?: string;
}

/** A query that takes longer is written down. */
const slowQueryMs = 50;

/** Between a log record's making and the SDK's noticing it. */
const observationDelayNs = 20_000n;

const noId = new Uint8Array(0);

/** The W3C flag of a sampled trace, the only one that log records have. */
const sampledFlag = 0x01;

export function logsOfSpan(emitted: EmittedSpan): EmittedLog[] {
  const { instance, span } = emitted;
  const lines = [...eventLines(span), ...(endLine(emitted) ?? [])];
  const { traceId, spanId } = span;
  return lines.map((line) => {
    const record = toRecord(line, { traceId, spanId, flags: span.flags & sampledFlag });
    return { instance, scope: instance.scopes.application, record };
  });
}

/** What an instance writes before its first request: nobody's trace. */
export function startLog(instance: Instance, atUnixNs: bigint): EmittedLog {
  const { address, port, service, language } = instance;
  const settings = toKeyValues({ 'server.address': address, 'server.port': port, language });
  const line: Line = {
    severity: 'INFO',
    body: { kvlistValue: { values: [...settings, ...toKeyValues({ tags: ['shop', service] })] } },
    attributes: [],
    eventName: 'service.started',
    atUnixNs,
  };
  const record = toRecord(line, { traceId: noId, spanId: noId, flags: 0 });
  return { instance, scope: instance.scopes.application, record };
}

function toRecord(
  { severity, body, attributes, atUnixNs, eventName = '' }: Line,
  context: Pick<LogRecord, 'traceId' | 'spanId' | 'flags'>,
): LogRecord {
  return {
    timeUnixNano: atUnixNs,
    observedTimeUnixNano: atUnixNs + observationDelayNs,
    severityNumber: severityNumbers[severity],
    severityText: severity,
    body,
    attributes,
    ...context,
    eventName,
  };
}

function eventLines({ events }: Span): Line[] {
  return events.flatMap((event): Line[] => {
    const { name, attributes, timeUnixNano: atUnixNs } = event;
    if (name === 'exception') {
      const body = text(textOf(event, 'exception.message'));
      return [{ severity: 'ERROR', body, attributes, atUnixNs, eventName: 'exception' }];
    }
    const body = text(`${name} ${textOf(event, 'cache.key')}`);
    return name === 'cache.miss' ? [{ severity: 'DEBUG', body, attributes, atUnixNs }] : [];
  });
}

/** What is written once a span has ended, by its kind and library. */
function endLine({ instance, scope, span }: EmittedSpan): Line[] | undefined {
  const { scopes } = instance;
  if (span.kind === spanKind.server && scope === scopes.http) return [accessLine(span)];
  if (span.kind === spanKind.server && scope === scopes.rpc) return orderLine(span);
  if (span.kind === spanKind.client && scope === scopes.sql) return slowQueryLine(span);
  if (span.kind === spanKind.consumer) return [messageLine(span)];
  return undefined;
}

function accessLine(span: Span): Line {
  const status = numberOf(span, 'http.response.status_code');
  const severity = status >= 500 ? 'ERROR' : status >= 400 ? 'WARN' : 'INFO';
  const method = textOf(span, 'http.request.method');
  const path = textOf(span, 'url.path');
  const names = ['http.request.method', 'url.path', 'http.response.status_code', 'client.address'];
  return {
    severity,
    body: text(`${method} ${path} ${status} ${milliseconds(span).toFixed(1)} ms`),
    attributes: [...pick(span, names), { key: 'duration_ms', value: duration(span) }],
    atUnixNs: span.endTimeUnixNano,
  };
}

/** An order that was placed is an event with a structured body. */
function orderLine(span: Span): Line[] | undefined {
  const isPlaced =
    span.name.endsWith('/PlaceOrder') && numberOf(span, 'rpc.grpc.status_code') === 0;
  if (!isPlaced) return undefined;
  const values = span.attributes.filter(({ key }) => key.startsWith('order.'));
  const body = { kvlistValue: { values: values.map(withoutPrefix) } };
  const atUnixNs = span.endTimeUnixNano;
  return [{ severity: 'INFO', body, attributes: [], atUnixNs, eventName: 'order.placed' }];
}

function withoutPrefix({ key, value }: KeyValue): KeyValue {
  return { key: key.slice(key.indexOf('.') + 1), value };
}

function slowQueryLine(span: Span): Line[] | undefined {
  if (milliseconds(span) < slowQueryMs) return undefined;
  const names = ['db.query.text', 'db.namespace', 'db.response.status_code'];
  const attributes = [...pick(span, names), { key: 'duration_ms', value: duration(span) }];
  const body = text(`slow query: ${textOf(span, 'db.query.summary')}`);
  return [{ severity: 'WARN', body, attributes, atUnixNs: span.endTimeUnixNano }];
}

function messageLine(span: Span): Line {
  const topic = textOf(span, 'messaging.destination.name');
  const offset = numberOf(span, 'messaging.kafka.offset');
  const names = ['messaging.destination.name', 'messaging.kafka.offset'];
  return {
    severity: 'INFO',
    body: text(`processed ${topic} at ${offset}`),
    attributes: pick(span, names),
    atUnixNs: span.endTimeUnixNano,
  };
}

function text(stringValue: string): AnyValue {
  return { stringValue };
}

function milliseconds({ startTimeUnixNano, endTimeUnixNano }: Span): number {
  return Number(endTimeUnixNano - startTimeUnixNano) / 1e6;
}

function duration(span: Span): AnyValue {
  return { doubleValue: milliseconds(span) };
}

function pick({ attributes }: Span, names: readonly string[]): KeyValue[] {
  return attributes.filter(({ key }) => names.includes(key));
}

function textOf({ attributes }: Span | SpanEvent, name: string): string {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value !== undefined && 'stringValue' in value ? value.stringValue : '';
}

function numberOf({ attributes }: Span, name: string): number {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value !== undefined && 'intValue' in value ? value.intValue : 0;
}
