/** What the SDKs of JavaScript and Python send arrives, over every protocol they speak. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
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
import { type Signal, signals } from '../../src/shared/signal.ts';
import { cleanUp, type RecorderProcess, startRecorder } from '../recorder/recorder-process.ts';
import {
  exportOnce,
  logRows,
  makeLogs,
  makeMetrics,
  metricRows,
  openLogExporter,
  openMetricExporter,
  type Protocol,
  type Row,
} from '../recorder/sdk-signals.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

after(cleanUp);

/** Columns of small integers, which the readers' script prints as text like all others. */
const integerColumns = new Set(['severity_number', 'scale', 'positive_offset']);

/** Stops the recorder and reads all it has written: rows by pyarrow, with JSON columns parsed. */
async function archivedRows(recorder: RecorderProcess): Promise<Record<Signal, Row[]>> {
  await recorder.stop();
  const rows: Partial<Record<Signal, Row[]>> = {};
  for (const signal of signals) {
    const segments = segmentsIn(recorder.outputDir, [signal]);
    const found: Row[] = JSON.parse(await runPython('rows.py', ...segments));
    rows[signal] = found.map((row) => {
      return { ...row, attributes: JSON.parse(String(row['attributes'])) };
    });
  }
  // pandas and DuckDB count the same, or the script fails.
  const counted = JSON.parse(await runPython('count_items.py', recorder.outputDir));
  for (const signal of signals) assert.equal(counted[signal].items, rows[signal]?.length);
  return rows as Record<Signal, Row[]>;
}

/** Each sent span is archived once, and agrees in all it names; lists item by item. */
function assertSpansArchived(archived: readonly Row[], sent: readonly Row[]): void {
  assert.equal(archived.length, sent.length);
  for (const expected of sent) {
    const found = archived.filter((row) => row['span_id'] === expected['span_id']);
    assert.equal(found.length, 1, `span ${expected['span_id']}`);
    assert.deepEqual(pick(found[0], expected), expected);
  }
}

/** Each sent row is archived once, in its place, and agrees in all it names. */
function assertArchived(archived: readonly Row[], sent: readonly Row[]): void {
  assert.ok(sent.length >= 5);
  assert.equal(archived.length, sent.length);
  for (const [index, expected] of sent.entries()) {
    assert.deepEqual(pick(archived[index], expected), expected);
  }
}

/** Formats a row as the readers' script prints it, with integers as text. */
function printed(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => {
    return [name, integerColumns.has(name) ? String(value) : printedValue(value)] as const;
  });
  return Object.fromEntries(entries);
}

function printedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(printedValue);
  return typeof value === 'bigint' ? String(value) : value;
}

/** Keeps only what the pattern names, at every level. Attributes are compared whole. */
function pick(value: unknown, pattern: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(pattern)) {
    return value.map((item, index) => pick(item, pattern[index]));
  }
  if (!isRow(value) || !isRow(pattern)) return value;
  const names = Object.keys(pattern);
  return Object.fromEntries(
    names.map((name) => [
      name,
      name === 'attributes' ? value[name] : pick(value[name], pattern[name]),
    ]),
  );
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nanoseconds([seconds, rest]: readonly [number, number]): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(rest));
}

function rowOf(span: ReadableSpan): Row {
  const { traceId, spanId } = span.spanContext();
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId ?? null,
    name: span.name,
    kind: SpanKind[span.kind],
    start_time: nanoseconds(span.startTime),
    end_time: nanoseconds(span.endTime),
    status_code: SpanStatusCode[span.status.code],
    status_message: span.status.message ?? '',
    attributes: span.attributes,
    events: span.events.map(({ name, time }) => ({ name, time: nanoseconds(time) })),
    links: span.links.map(({ context }) => ({ span_id: context.spanId })),
    scope_name: span.instrumentationScope.name,
    service_name: 'javascript',
  };
}

/** Records a small trace and resolves with it once the exporter has sent it. */
async function sendWith(exporter: SpanExporter): Promise<Row[]> {
  const sent = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'javascript' }),
    spanProcessors: [new SimpleSpanProcessor(exporter), new SimpleSpanProcessor(sent)],
  });
  const tracer = provider.getTracer('conformance', '1.2.3');
  const outer = tracer.startSpan('outer', { kind: SpanKind.SERVER });
  outer.setAttributes({ text: 'quote " and ünïcödé 🎯\n', count: 3, ratio: 0.1, yes: true });
  outer.setAttributes({ list: ['a', 'b'], large: Number.MAX_SAFE_INTEGER, negative: -1 });
  outer.addEvent('cache miss', { key: 'a' });
  const context = trace.setSpanContext(ROOT_CONTEXT, outer.spanContext());
  const links = [{ context: outer.spanContext() }];
  const inner = tracer.startSpan('inner', { kind: SpanKind.CLIENT, links }, context);
  inner.recordException(new Error('broken'));
  inner.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
  inner.end();
  outer.end();
  await provider.forceFlush();
  const rows = sent.getFinishedSpans().map(rowOf);
  await provider.shutdown();
  return rows;
}

describe('SDKs', () => {
  const exporters: Record<Protocol, (ports: RecorderProcess['ports']) => SpanExporter> = {
    'http/protobuf': ({ http }) =>
      new ProtobufExporter({ url: `http://127.0.0.1:${http}/v1/traces` }),
    'http/json': ({ http }) => new JsonExporter({ url: `http://127.0.0.1:${http}/v1/traces` }),
    grpc: ({ grpc }) => new GrpcExporter({ url: `http://127.0.0.1:${grpc}` }),
  };
  for (const [protocol, open] of Object.entries(exporters)) {
    it(`JavaScript, ${protocol}: each item is archived once, field for field`, async () => {
      const recorder = await startRecorder();
      const sent = await sendWith(open(recorder.ports));
      assert.equal(sent.length, 2);
      const metrics = await makeMetrics();
      const logs = makeLogs();
      await exportOnce(openMetricExporter(protocol as Protocol, recorder.ports), metrics);
      await exportOnce(openLogExporter(protocol as Protocol, recorder.ports), logs);
      const archived = await archivedRows(recorder);
      assertSpansArchived(archived.traces, sent);
      assertArchived(archived.metrics, metricRows(metrics).map(printed));
      assertArchived(archived.logs, logRows(logs).map(printed));
    });
  }

  for (const protocol of ['http/protobuf', 'grpc']) {
    it(`Python, ${protocol}: each item is archived once, field for field`, async () => {
      const recorder = await startRecorder();
      const { http, grpc } = recorder.ports;
      const endpoint = `http://127.0.0.1:${protocol === 'grpc' ? grpc : http}`;
      const sent: Record<Signal, Row[]> = JSON.parse(
        await runPython('send_signals.py', protocol, endpoint),
      );
      assert.equal(sent.traces.length, 2);
      const archived = await archivedRows(recorder);
      assertSpansArchived(archived.traces, sent.traces);
      assertArchived(archived.metrics, sent.metrics);
      assertArchived(archived.logs, sent.logs);
    });
  }
});
