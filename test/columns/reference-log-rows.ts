/** The rows that log requests must become. */
import type { Row, Value } from './decode/decoder-harness.ts';
import { referenceRowsOf, type SignalReference } from './reference-requests.ts';
import {
  type AnyValue,
  attributesText,
  type Integer,
  id,
  time,
  valueText,
  type WithAttributes,
} from './reference-values.ts';

interface LogRecord extends WithAttributes {
  readonly timeUnixNano: Integer;
  readonly observedTimeUnixNano: Integer;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body?: AnyValue | null;
  readonly flags: number;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

const reference: SignalReference<LogRecord> = {
  signal: 'logs',
  resourceGroups: 'resourceLogs',
  scopeGroups: 'scopeLogs',
  items: 'logRecords',
  toRows: (record) => [recordColumns(record)],
};

/** Throws if protobufjs refuses the bytes. */
export function referenceLogRows(request: Uint8Array, batchId = 1n): Row[] {
  return referenceRowsOf(reference, request, batchId);
}

function recordColumns(record: LogRecord): Row {
  return {
    time: time(record.timeUnixNano),
    observed_time: time(record.observedTimeUnixNano),
    trace_id: id(record.traceId),
    span_id: id(record.spanId),
    severity_number: record.severityNumber,
    severity_text: record.severityText,
    event_name: record.eventName,
    body: bodyText(record.body),
    body_type: bodyType(record.body),
    attributes: attributesText(record.attributes),
    dropped_attributes_count: record.droppedAttributesCount,
    flags: record.flags,
  };
}

function bodyText(body: LogRecord['body']): Value {
  if (body?.value === 'stringValue') return body.stringValue;
  return bodyType(body) === 'empty' || !body ? null : valueText(body);
}

/**
 * Returns the name of the member that is set. The profiles signal has one more member, which no
 * body may have.
 */
function bodyType(body: LogRecord['body']): Value {
  if (!body) return null;
  const member = body.value?.replace('Value', '') ?? 'empty';
  return member.endsWith('Strindex') ? 'empty' : member;
}
