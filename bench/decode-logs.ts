/**
 * Log records for the bench of the decoder: the requests, and the columns that the rival builds.
 */
import { requestType } from '../src/shared/otlp-messages.ts';
import { Random } from '../src/shared/random.ts';
import { resourceAttributes, resourcesPerRequest, startTime, textAttribute } from './corpus.ts';
import {
  type AnyValue,
  attributesText,
  i32,
  id,
  integer,
  type Long,
  type RivalSignal,
  text,
  ts,
  u32,
  valueText,
  type WithAttributes,
} from './decode-rival.ts';
import type { Workload, WorkloadOptions } from './decode-workload.ts';

interface LogRecord extends WithAttributes {
  readonly timeUnixNano: Long;
  readonly observedTimeUnixNano: Long;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body?: AnyValue;
  readonly flags: number;
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly eventName: string;
}

const rival: RivalSignal<LogRecord> = {
  signal: 'logs',
  resourceGroups: 'resourceLogs',
  scopeGroups: 'scopeLogs',
  items: 'logRecords',
  types: [ts, ts, text, text, text, i32, text, text, text, text, text, u32, u32],
  addRows: (record, _index, serviceName, add) => add(recordValues(record, serviceName)),
};

export const logWorkload: Workload<LogRecord> = {
  rowsName: 'log records',
  buildCorpus: buildLogCorpus,
  rival,
};

function recordValues(record: LogRecord, serviceName: string | null): unknown[] {
  const { body } = record;
  return [
    integer(record.timeUnixNano) || null,
    integer(record.observedTimeUnixNano) || null,
    id(record.traceId),
    id(record.spanId),
    serviceName,
    record.severityNumber,
    record.severityText,
    record.eventName,
    body?.value === 'stringValue' ? body.stringValue : body ? valueText(body) : null,
    body ? (body.value?.replace('Value', '') ?? 'empty') : null,
    attributesText(record.attributes),
    record.droppedAttributesCount,
    record.flags,
  ];
}

const severities = [
  { severityNumber: 5, severityText: 'DEBUG' },
  { severityNumber: 9, severityText: 'INFO' },
  { severityNumber: 9, severityText: 'INFO' },
  { severityNumber: 13, severityText: 'WARN' },
  { severityNumber: 17, severityText: 'ERROR' },
];
const nsBetweenRecordsMax = 2_000_000;
const observedAfterNsMax = 5_000;

/**
 * Records of about 240 bytes, as the servers of a web shop write them. Most records belong to a
 * trace.
 */
function buildLogCorpus({ rowsPerRequest, requestCount, seed }: WorkloadOptions): Buffer[] {
  const type = requestType('logs');
  const random = new Random(seed);
  const clock = { now: startTime };
  const recordsPerResource = Math.ceil(rowsPerRequest / resourcesPerRequest);
  return Array.from({ length: requestCount }, (_, request) => {
    const resourceLogs = Array.from({ length: resourcesPerRequest }, (_, resource) => ({
      resource: { attributes: resourceAttributes(resource, request) },
      scopeLogs: [
        {
          scope: { name: '@opentelemetry/instrumentation-pino', version: '0.52.0' },
          logRecords: Array.from({ length: recordsPerResource }, () => makeRecord(random, clock)),
        },
      ],
    }));
    return Buffer.from(type.encode(type.fromObject({ resourceLogs })).finish());
  });
}

function makeRecord(random: Random, clock: { now: bigint }): object {
  clock.now += BigInt(random.below(nsBetweenRecordsMax));
  const time = clock.now;
  return {
    timeUnixNano: String(time),
    observedTimeUnixNano: String(time + BigInt(random.below(observedAfterNsMax))),
    ...random.pick(severities),
    body: makeBody(random),
    attributes: [
      textAttribute('logger.name', random.pick(['checkout', 'cart', 'payment', 'search'])),
      textAttribute('code.function.name', random.pick(['placeOrder', 'addItem', 'charge'])),
      { key: 'code.line.number', value: { intValue: random.below(900) } },
      textAttribute('thread.name', `worker-${random.below(8)}`),
      textAttribute('user.id', `u-${random.below(100_000)}`),
    ],
    ...(random.chance(0.7) && { traceId: random.bytes(16), spanId: random.bytes(8), flags: 1 }),
  };
}

/** The body: nine of ten are a line of text, the others are structured. */
function makeBody(random: Random): object {
  const order = random.below(1_000_000);
  if (random.chance(0.9)) {
    const ms = random.below(5000);
    return { stringValue: `order ${order} was placed for 10.0.${ms % 256}.7 in ${ms} ms` };
  }
  const values = [
    { key: 'order', value: { intValue: order } },
    textAttribute('currency', 'EUR'),
    { key: 'total', value: { doubleValue: random.below(100_000) / 100 } },
  ];
  return { kvlistValue: { values } };
}
