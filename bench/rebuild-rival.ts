/**
 * The simple way from columns to requests, as the rival: rows read by apache-arrow, objects,
 * protobufjs.
 */
import type { Data } from 'apache-arrow';
import { requestType } from '../src/shared/otlp-messages.ts';
import type { Signal } from '../src/shared/signal.ts';
import { readStructs } from '../test/columns/arrow-batch.ts';
import type { Row, Value } from '../test/columns/decode/decoder-harness.ts';

/** The names of the parts of a signal's requests, and how one or several rows become an item. */
interface RivalSignal {
  readonly resourceGroups: string;
  readonly scopeGroups: string;
  readonly items: string;
  /**
   * The column that separates the rows of one item from those of the next; if undefined, each row
   * is an item.
   */
  readonly itemColumn?: string;
  readonly toItem: (rows: readonly Row[]) => object;
}

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statusCodes = ['UNSET', 'OK', 'ERROR'];
const temporalities = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];

/** Supports only the kinds of records and values that the bench has. */
const rivals: Readonly<Record<Signal, RivalSignal>> = {
  traces: {
    resourceGroups: 'resourceSpans',
    scopeGroups: 'scopeSpans',
    items: 'spans',
    toItem: ([row]) => toSpan(row!),
  },
  logs: {
    resourceGroups: 'resourceLogs',
    scopeGroups: 'scopeLogs',
    items: 'logRecords',
    toItem: ([row]) => toLogRecord(row!),
  },
  metrics: {
    resourceGroups: 'resourceMetrics',
    scopeGroups: 'scopeMetrics',
    items: 'metrics',
    itemColumn: 'metric_index',
    toItem: toMetric,
  },
};

/** Returns the requests of the rows of a batch. */
export function rebuildPlainly(signal: Signal, batch: Data): Uint8Array[] {
  const type = requestType(signal);
  const { resourceGroups, scopeGroups, items, itemColumn, toItem } = rivals[signal];
  return groups(readStructs(batch), 'batch_id').map((request) => {
    const resources = groups(request, 'resource_index').map((resource) => ({
      resource: toResource(resource[0]!),
      schemaUrl: resource[0]!['resource_schema_url'],
      [scopeGroups]: groups(resource, 'scope_index').map((scope) => ({
        scope: toScope(scope[0]!),
        schemaUrl: scope[0]!['scope_schema_url'],
        [items]: (itemColumn ? groups(scope, itemColumn) : scope.map((row) => [row])).map(toItem),
      })),
    }));
    return type.encode({ [resourceGroups]: resources }).finish();
  });
}

/** Groups neighbours with the same value. */
function groups(rows: readonly Row[], column: string): Row[][] {
  const found: Row[][] = [];
  for (const row of rows) {
    const last = found.at(-1);
    if (last !== undefined && last[0]![column] === row[column]) last.push(row);
    else found.push([row]);
  }
  return found;
}

function toResource(row: Row): object | undefined {
  if (row['resource_attributes'] === null) return undefined;
  return {
    attributes: toAttributes(row['resource_attributes']!),
    droppedAttributesCount: row['resource_dropped_attributes_count'],
  };
}

function toScope(row: Row): object | undefined {
  if (row['scope_name'] === null) return undefined;
  return {
    name: row['scope_name'],
    version: row['scope_version'],
    attributes: toAttributes(row['scope_attributes']!),
    droppedAttributesCount: row['scope_dropped_attributes_count'],
  };
}

function toSpan(row: Row): object {
  return {
    traceId: toId(row['trace_id']!),
    spanId: toId(row['span_id']!),
    traceState: row['trace_state'],
    parentSpanId: toId(row['parent_span_id']!),
    name: row['name'],
    kind: kinds.indexOf(String(row['kind'])),
    startTimeUnixNano: toInteger(row['start_time']!),
    endTimeUnixNano: toInteger(row['end_time']!),
    attributes: toAttributes(row['attributes']!),
    droppedAttributesCount: row['dropped_attributes_count'],
    events: (row['events'] as readonly Row[]).map((event) => ({
      timeUnixNano: toInteger(event['time']!),
      name: event['name'],
      attributes: toAttributes(event['attributes']!),
      droppedAttributesCount: event['dropped_attributes_count'],
    })),
    droppedEventsCount: row['dropped_events_count'],
    droppedLinksCount: row['dropped_links_count'],
    ...(row['status_code'] !== null && {
      status: {
        message: row['status_message'],
        code: statusCodes.indexOf(String(row['status_code'])),
      },
    }),
    flags: row['flags'],
  };
}

function toLogRecord(row: Row): object {
  const body = String(row['body']);
  return {
    timeUnixNano: toInteger(row['time']!),
    observedTimeUnixNano: toInteger(row['observed_time']!),
    severityNumber: row['severity_number'],
    severityText: row['severity_text'],
    body: row['body_type'] === 'string' ? { stringValue: body } : toAnyValue(JSON.parse(body)),
    attributes: toAttributes(row['attributes']!),
    droppedAttributesCount: row['dropped_attributes_count'],
    flags: row['flags'],
    traceId: toId(row['trace_id']!),
    spanId: toId(row['span_id']!),
    eventName: row['event_name'],
  };
}

function toMetric(rows: readonly Row[]): object {
  const [first] = rows;
  return {
    name: first!['name'],
    description: first!['description'],
    unit: first!['unit'],
    [String(first!['type'])]: {
      dataPoints: rows.map(toNumberDataPoint),
      aggregationTemporality: temporalities.indexOf(String(first!['temporality'])),
      isMonotonic: first!['is_monotonic'] ?? false,
    },
    metadata: toAttributes(first!['metadata']!),
  };
}

function toNumberDataPoint(row: Row): object {
  return {
    attributes: toAttributes(row['attributes']!),
    startTimeUnixNano: toInteger(row['start_time']!),
    timeUnixNano: toInteger(row['time']!),
    ...(row['value_type'] === 'int'
      ? { asInt: toInteger(row['value_int']!) }
      : { asDouble: row['value'] }),
    flags: row['flags'],
  };
}

function toId(hex: Value): Buffer {
  return Buffer.from(String(hex ?? ''), 'hex');
}

/** Formats integers of 64 bits as text, which protobufjs accepts. */
function toInteger(value: Value): string {
  return String(value ?? 0);
}

function toAttributes(json: Value): object[] {
  const attributes: object = JSON.parse(String(json));
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

/** Returns a JSON value as an AnyValue. JSON.parse loses whether a whole number was a double. */
function toAnyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } };
  return { kvlistValue: { values: toAttributes(JSON.stringify(value)) } };
}
