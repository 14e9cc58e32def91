/** The metric and log exporters of the OpenTelemetry JS SDK against both receivers. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { openGrpcReceiver } from '../../src/accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../src/accept/receiver.ts';
import {
  exportOnce,
  makeLogs,
  makeMetrics,
  openLogExporter,
  openMetricExporter,
  protocols,
} from '../recorder/sdk-signals.ts';
import { FakeRing } from './fake-ring.ts';

describe('sdk-signals', () => {
  const ring = new FakeRing();
  let http: OpenReceiver;
  let grpc: OpenReceiver;

  before(async () => {
    http = await openHttpReceiver(ring.receiverOptions());
    grpc = await openGrpcReceiver(ring.receiverOptions());
  });
  after(() => Promise.all([http.close(1_000), grpc.close(1_000)]));
  afterEach(() => ring.reset());

  function assertAllTheSame(signal: string): void {
    assert.deepEqual(
      ring.published.map((published) => published.signal),
      protocols.map(() => signal),
    );
    for (const request of ring.requests) assert.deepEqual(request, ring.requests[0]);
  }

  it('metrics: all protocols bring the same message', async () => {
    const metrics = await makeMetrics();
    const ports = { http: http.port, grpc: grpc.port };
    for (const protocol of protocols) {
      await exportOnce(openMetricExporter(protocol, ports), metrics);
    }
    assertAllTheSame('metrics');
    const text = JSON.stringify(ring.requests[0]);
    assert.match(text, /"asInt":"4503599627370496"/);
    assert.match(text, /"exponentialHistogram"/);
  });

  it('logs: all protocols bring the same message', async () => {
    // Of a record without a body the SDK's JSON has an empty one, its protobuf none.
    const logs = makeLogs().filter(({ body }) => body !== undefined);
    const ports = { http: http.port, grpc: grpc.port };
    for (const protocol of protocols) await exportOnce(openLogExporter(protocol, ports), logs);
    assertAllTheSame('logs');
    assert.match(JSON.stringify(ring.requests[0]), /"severityNumber":14/);
  });
});
