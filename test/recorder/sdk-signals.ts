/** Metrics and log records that the OpenTelemetry JS SDK makes, its exporters, what to expect. */
import {
  type Attributes,
  type HrTime,
  ROOT_CONTEXT,
  TraceFlags,
  trace,
  ValueType,
} from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

export type Row = Record<string, unknown>;

export const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;

export type Protocol = (typeof protocols)[number];

interface Ports {
  readonly http: number;
  readonly grpc: number;
}

const resource = resourceFromAttributes({ 'service.name': 'javascript', 'process.pid': 42 });

const spanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};

class ManualReader extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

/** Every kind of metric that the SDK has, of whole numbers and fractions. */
export async function makeMetrics(): Promise<ResourceMetrics> {
  const reader = new ManualReader({
    aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
  });
  const views = [
    {
      instrumentName: 'exponential',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const,
    },
  ];
  const provider = new MeterProvider({ resource, readers: [reader], views });
  const meter = provider.getMeter('shop-meter', '1.2.3');
  const requests = meter.createCounter('requests', {
    unit: '{request}',
    description: 'Aller Art',
    valueType: ValueType.INT,
  });
  requests.add(3, { route: '/søk/{term} 🛒', status: 200 });
  requests.add(2 ** 52, { route: '/', status: 500 });
  meter.createCounter('revenue').add(12.5, { currency: 'EUR' });
  const queue = meter.createUpDownCounter('queue.length', { valueType: ValueType.INT });
  queue.add(5);
  queue.add(-12);
  meter.createGauge('temperature', { unit: 'Cel' }).record(-3.75, { room: 'attic' });
  const load = meter.createObservableGauge('load');
  load.addCallback((result) => result.observe(0.5, { core: 0, list: ['a', 'b'] }));
  const bounds = { advice: { explicitBucketBoundaries: [0.5, 1, 10] } };
  const duration = meter.createHistogram('duration', { unit: 's', ...bounds });
  for (const value of [0.1, 0.5, 0.75, 7, 100]) duration.record(value, { route: '/' });
  const exponential = meter.createHistogram('exponential', { unit: 'ms' });
  for (const value of [0, 1, 2.5, 1000]) exponential.record(value);
  const { resourceMetrics } = await reader.collect();
  await provider.shutdown();
  return resourceMetrics;
}

/** Bodies of every type, with a span and without, severities, an event. */
export function makeLogs(): ReadableLogRecord[] {
  const exporter = new InMemoryLogRecordExporter();
  const processors = [new SimpleLogRecordProcessor({ exporter })];
  const provider = new LoggerProvider({ resource, processors });
  const logger = provider.getLogger('shop-logger', '1.2.3');
  const context = trace.setSpanContext(ROOT_CONTEXT, spanContext);
  const timestamp: HrTime = [1_700_000_000, 123_456_789];
  const bodies = ['a "text" ä€😀\n', '', 42, 0.1, 200.5, true, ['a', 1, null], { a: { b: [1.5] } }];
  for (const body of bodies) {
    const attributes = { text: 'ünïcödé', whole: 7, fraction: 0.25, yes: true, list: ['a', 'b'] };
    logger.emit({ body, timestamp, context, attributes, severityNumber: SeverityNumber.WARN2 });
  }
  logger.emit({ eventName: 'order.placed', severityText: 'information', timestamp });
  logger.emit({ severityNumber: SeverityNumber.FATAL4, body: 'no time, no span' });
  return exporter.getFinishedLogRecords();
}

export function openMetricExporter(protocol: Protocol, { http, grpc }: Ports): PushMetricExporter {
  const url = `http://127.0.0.1:${http}/v1/metrics`;
  if (protocol === 'grpc') return new GrpcMetrics({ url: `http://127.0.0.1:${grpc}` });
  return protocol === 'http/json' ? new JsonMetrics({ url }) : new ProtobufMetrics({ url });
}

export function openLogExporter(protocol: Protocol, { http, grpc }: Ports): LogRecordExporter {
  const url = `http://127.0.0.1:${http}/v1/logs`;
  if (protocol === 'grpc') return new GrpcLogs({ url: `http://127.0.0.1:${grpc}` });
  return protocol === 'http/json' ? new JsonLogs({ url }) : new ProtobufLogs({ url });
}

interface ExportAnswer {
  readonly code: number;
  readonly error?: Error;
}

/** Exports once and closes; rejects with what the exporter says. */
export async function exportOnce<Data>(
  exporter: {
    export(data: Data, done: (answer: ExportAnswer) => void): void;
    shutdown(): Promise<void>;
  },
  data: Data,
): Promise<void> {
  const { code, error } = await new Promise<ExportAnswer>((resolve) => {
    exporter.export(data, resolve);
  });
  await exporter.shutdown();
  if (code !== 0) throw error ?? new Error('the export failed');
}

/** What the archive must say of each record; JSON columns are parsed, times are bigint. */
export function logRows(records: readonly ReadableLogRecord[]): Row[] {
  return records.map((record) => ({
    time: nanoseconds(record.hrTime),
    observed_time: nanoseconds(record.hrTimeObserved),
    trace_id: record.spanContext?.traceId ?? null,
    span_id: record.spanContext?.spanId ?? null,
    service_name: 'javascript',
    severity_number: record.severityNumber ?? 0,
    severity_text: record.severityText ?? '',
    event_name: record.eventName ?? '',
    body: typeof record.body === 'object' ? JSON.stringify(record.body) : textOf(record.body),
    attributes: record.attributes,
    scope_name: 'shop-logger',
    scope_version: '1.2.3',
  }));
}

function textOf(body: unknown): string | null {
  return body === undefined ? null : String(body);
}

/** What the archive must say of each data point. */
export function metricRows({ scopeMetrics }: ResourceMetrics): Row[] {
  return scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics.flatMap((metric) =>
      metric.dataPoints.map((point) => ({
        name: metric.descriptor.name,
        description: metric.descriptor.description,
        unit: metric.descriptor.unit,
        service_name: 'javascript',
        time: nanoseconds(point.endTime),
        attributes: point.attributes as Attributes,
        scope_name: scope.name,
        ...pointColumns(metric, point),
      })),
    ),
  );
}

function pointColumns(metric: MetricData, point: DataPoint<unknown>): Row {
  const temporality = 'CUMULATIVE';
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      return { type: 'gauge', ...valueColumns(metric, point) };
    case DataPointType.SUM:
      return {
        ...{ type: 'sum', temporality, is_monotonic: metric.isMonotonic },
        ...valueColumns(metric, point),
        start_time: nanoseconds(point.startTime),
      };
    case DataPointType.HISTOGRAM: {
      const { count, sum, min, max, buckets } = point.value as Histogram;
      return {
        ...{ type: 'histogram', temporality, count: BigInt(count), sum, min, max },
        bucket_counts: buckets.counts.map(BigInt),
        explicit_bounds: buckets.boundaries,
      };
    }
    case DataPointType.EXPONENTIAL_HISTOGRAM: {
      const { count, sum, scale, zeroCount, positive } = point.value as ExponentialHistogram;
      return {
        ...{ type: 'exponential_histogram', temporality, count: BigInt(count), sum, scale },
        zero_count: BigInt(zeroCount),
        positive_offset: positive.offset,
        positive_bucket_counts: positive.bucketCounts.map(BigInt),
      };
    }
  }
}

function valueColumns({ descriptor }: MetricData, { value }: DataPoint<unknown>): Row {
  const isInt = descriptor.valueType === ValueType.INT;
  return {
    value,
    value_type: isInt ? 'int' : 'double',
    value_int: isInt ? BigInt(Number(value)) : 0n,
  };
}

function nanoseconds([seconds, rest]: HrTime): bigint | null {
  const unixNs = BigInt(seconds) * 1_000_000_000n + BigInt(rest);
  return unixNs === 0n ? null : unixNs;
}
