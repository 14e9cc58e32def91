/** Small requests with defaults. A test sets only the fields that it checks. */
import { requestType } from '../../src/shared/otlp-messages.ts';

export interface SmallItem {
  readonly name?: string;
  /** For a log record this is its time. If it is 0, the record has only an observed time. */
  readonly time?: bigint;
  readonly observedTime?: bigint;
  /** In hex. */
  readonly traceId?: string;
}

export function spansOf(service: string, ...items: readonly SmallItem[]): Uint8Array {
  const spans = items.map(({ name = 'span', time = 0n, traceId = 'ab'.repeat(16) }) => ({
    ...{ name, traceId: Buffer.from(traceId, 'hex'), startTimeUnixNano: String(time) },
  }));
  return encode('traces', { resourceSpans: [{ ...from(service), scopeSpans: [{ spans }] }] });
}

export function logsOf(service: string, ...items: readonly SmallItem[]): Uint8Array {
  const logRecords = items.map(({ name = '', time = 0n, observedTime = 0n, traceId = '' }) => ({
    ...{ eventName: name, traceId: Buffer.from(traceId, 'hex') },
    ...{ timeUnixNano: String(time), observedTimeUnixNano: String(observedTime) },
  }));
  return encode('logs', { resourceLogs: [{ ...from(service), scopeLogs: [{ logRecords }] }] });
}

export function pointsOf(service: string, ...items: readonly SmallItem[]): Uint8Array {
  const metrics = items.map(({ name = 'metric', time = 0n }) => ({
    ...{ name, gauge: { dataPoints: [{ timeUnixNano: String(time), asInt: '1' }] } },
  }));
  return encode('metrics', {
    resourceMetrics: [{ ...from(service), scopeMetrics: [{ metrics }] }],
  });
}

function from(service: string) {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  return { resource: { attributes } };
}

function encode(signal: 'traces' | 'metrics' | 'logs', message: object): Uint8Array {
  const type = requestType(signal);
  return type.encode(type.fromObject(message)).finish();
}
