/** The exporters of the OpenTelemetry JS SDK against both receivers: what is sent arrives. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { openGrpcReceiver } from '../../src/accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../src/accept/receiver.ts';
import { FakeRing } from './fake-ring.ts';

/** Spans with everything that an SDK can set. */
function makeSpans(): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 42 }),
    spanProcessors: [new SimpleSpanProcessor(memory)],
  });
  const tracer = provider.getTracer('shop-tracer', '1.2.3', { schemaUrl: 'https://schema/1' });
  const linked = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
  };
  for (let index = 0; index < 50; index++) {
    const span = tracer.startSpan(`GET /cart/${index} ä€😀`, {
      kind: index % 2 === 0 ? SpanKind.SERVER : SpanKind.CLIENT,
      links: [{ context: linked, attributes: { why: 'cause' } }],
      startTime: [1_700_000_000 + index, 123_456_789] satisfies HrTime,
    });
    span.setAttributes({
      text: 'a "quoted" text',
      whole: 2 ** 52 + index,
      fraction: 0.1 + index,
      flag: index % 3 === 0,
      texts: ['a', 'b', ''],
      fractions: [1.5, -2.25],
    });
    span.addEvent('paid', { amount: index }, [1_700_000_000 + index, 5]);
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
    span.end([1_700_000_001 + index, 1]);
  }
  return memory.getFinishedSpans();
}

function exportSpans(exporter: SpanExporter, spans: ReadableSpan[]): Promise<Error | undefined> {
  return new Promise((resolve) => {
    exporter.export(spans, ({ code, error }) => {
      resolve(code === 0 ? undefined : (error ?? new Error('failed')));
    });
  });
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly events: readonly { readonly timeUnixNano: string; readonly name: string }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number; readonly message: string };
}

interface Request {
  readonly resourceSpans: readonly [
    {
      readonly scopeSpans: readonly [{ readonly scope: unknown; readonly spans: readonly Span[] }];
    },
  ];
}

function hex(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('hex');
}

function nanoseconds([seconds, rest]: HrTime): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(rest));
}

describe('sdk-exporters', () => {
  const ring = new FakeRing();
  const spans = makeSpans();
  let http: OpenReceiver;
  let grpc: OpenReceiver;
  let exporters: Record<string, SpanExporter>;

  before(async () => {
    http = await openHttpReceiver(ring.receiverOptions());
    grpc = await openGrpcReceiver(ring.receiverOptions());
    const url = `http://127.0.0.1:${http.port}/v1/traces`;
    const grpcUrl = `http://127.0.0.1:${grpc.port}`;
    const gzip = 'gzip' as never;
    exporters = {
      'http/protobuf': new ProtobufExporter({ url }),
      'http/protobuf gzip': new ProtobufExporter({ url, compression: gzip }),
      'http/json': new JsonExporter({ url }),
      'http/json gzip': new JsonExporter({ url, compression: gzip }),
      grpc: new GrpcExporter({ url: grpcUrl }),
      'grpc gzip': new GrpcExporter({ url: grpcUrl, compression: gzip }),
    };
  });
  after(async () => {
    await Promise.all(Object.values(exporters).map((exporter) => exporter.shutdown()));
    await Promise.all([http.close(1_000), grpc.close(1_000)]);
  });
  afterEach(() => ring.reset());

  it('export: each protocol brings the spans that the SDK made', async () => {
    for (const [name, exporter] of Object.entries(exporters)) {
      ring.reset();
      assert.equal(await exportSpans(exporter, spans), undefined, name);
      assert.equal(ring.requests.length, 1, name);
      const [resourceSpans] = (ring.requests[0] as Request).resourceSpans;
      const [scopeSpans] = resourceSpans.scopeSpans;
      assert.deepEqual(scopeSpans.scope, { name: 'shop-tracer', version: '1.2.3' }, name);
      assert.equal(scopeSpans.spans.length, spans.length, name);
      for (const [index, span] of spans.entries()) assertSpan(scopeSpans.spans[index], span);
    }
  });

  it('export: all protocols bring the same message', async () => {
    for (const exporter of Object.values(exporters)) await exportSpans(exporter, spans);
    assert.equal(ring.requests.length, 6);
    for (const request of ring.requests) assert.deepEqual(request, ring.requests[0]);
  });

  it('export: a refusal that is temporary is sent again, and arrives once', async () => {
    // The SDK's gRPC exporter leaves sending again to gRPC's own retry policy, which is off.
    for (const name of ['http/protobuf', 'http/json']) {
      ring.reset();
      ring.outcome = 'unavailable';
      const exporter = exporters[name];
      assert.ok(exporter !== undefined);
      const exported = exportSpans(exporter, spans);
      while (ring.counts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      ring.outcome = 'accepted';
      assert.equal(await exported, undefined, name);
      const codes = ring.counts.map((count) => count.split(' ')[2]);
      assert.deepEqual(codes, ['503', '200'], name);
    }
  });

  it('export: a refusal for good is an error, and not sent again', async () => {
    for (const name of ['http/protobuf', 'http/json', 'grpc']) {
      ring.reset();
      ring.outcome = 'too_large';
      const exporter = exporters[name];
      assert.ok(exporter !== undefined);
      assert.ok((await exportSpans(exporter, spans)) instanceof Error, name);
      assert.equal(ring.counts.length, 1, name);
    }
  });
});

function assertSpan(actual: Span | undefined, span: ReadableSpan): void {
  assert.ok(actual !== undefined);
  const { traceId, spanId } = span.spanContext();
  assert.equal(hex(actual.traceId), traceId);
  assert.equal(hex(actual.spanId), spanId);
  assert.equal(actual.name, span.name);
  // OTLP numbers kinds from 1 on.
  assert.equal(actual.kind, span.kind + 1);
  assert.equal(actual.startTimeUnixNano, nanoseconds(span.startTime));
  assert.equal(actual.endTimeUnixNano, nanoseconds(span.endTime));
  const attributes = actual.attributes.map(({ key, value }) => [key, plain(value)]);
  assert.deepEqual(Object.fromEntries(attributes), span.attributes);
  assert.deepEqual(actual.status, span.status);
  assert.equal(actual.events[0]?.timeUnixNano, nanoseconds(span.events[0]?.time ?? [0, 0]));
  assert.equal(actual.events[0]?.name, 'paid');
  assert.equal(hex(actual.links[0]?.traceId), span.links[0]?.context.traceId);
  assert.equal(hex(actual.links[0]?.spanId), span.links[0]?.context.spanId);
}

/** An AnyValue as the SDK's attribute. */
function plain(value: unknown): unknown {
  const [[member, content] = []] = Object.entries(value as Record<string, unknown>);
  if (member === 'intValue') return Number(content);
  if (member !== 'arrayValue') return content;
  return (content as { values: readonly unknown[] }).values.map(plain);
}
