/** The OTLP messages load from the package's own .proto files. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { exportMethodPath, requestType, responseType } from '../../src/shared/otlp-messages.ts';
import { signals } from '../../src/shared/signal.ts';

it('requestType: encodes and decodes a request of each signal', () => {
  const fields = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' };
  for (const signal of signals) {
    const type = requestType(signal);
    const bytes = type.encode(type.fromObject({ [fields[signal]]: [{ schemaUrl: 'x' }] })).finish();
    const message = type.decode(bytes) as unknown as Record<string, { schemaUrl: string }[]>;
    assert.equal(message[fields[signal]]?.[0]?.schemaUrl, 'x');
  }
});

it('responseType: knows partial_success', () => {
  for (const signal of signals) assert.ok(responseType(signal).fields.partialSuccess);
});

it('exportMethodPath: is the path a gRPC client calls', () => {
  assert.equal(
    exportMethodPath('logs'),
    '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  );
});
