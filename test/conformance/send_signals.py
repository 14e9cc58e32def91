"""Sends spans, metrics and log records with the OpenTelemetry Python SDK and prints what it sent, as JSON.

Usage: send_signals.py http/protobuf|grpc ENDPOINT
"""

import json
import sys

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    ExponentialHistogram,
    Gauge,
    Histogram,
    InMemoryMetricReader,
    MetricExportResult,
    Sum,
)
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

protocol, endpoint = sys.argv[1:]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    def exporter(kind, _signal):
        return kind(endpoint=endpoint, insecure=True)

else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    def exporter(kind, signal):
        return kind(endpoint=f"{endpoint}/v1/{signal}")


resource = Resource.create({"service.name": "python", "shard": 7})


def send_spans():
    """All within two spans; gives the spans, the metrics and the log records that were made."""
    sent = InMemorySpanExporter()
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(SimpleSpanProcessor(exporter(OTLPSpanExporter, "traces")))
    provider.add_span_processor(SimpleSpanProcessor(sent))
    tracer = provider.get_tracer("conformance", "1.2.3")
    with tracer.start_as_current_span("outer", kind=SpanKind.SERVER) as outer:
        outer.set_attributes({"text": 'quote " and ünïcödé 🎯', "count": 3, "ratio": 0.1, "whole": 2.0})
        outer.set_attributes({"yes": True, "list": ["a", "b"], "numbers": [1, 2, 3]})
        outer.add_event("cache miss", {"key": "a"})
        with tracer.start_as_current_span("inner", links=[Link(outer.get_span_context())]) as inner:
            inner.set_status(Status(StatusCode.ERROR, "broken"))
        metrics = send_metrics()
        records = send_logs()
    provider.shutdown()
    return {
        "traces": [span_row(span) for span in sent.get_finished_spans()],
        "metrics": metric_rows(metrics),
        "logs": [log_row(record.log_record) for record in records],
    }


def send_metrics():
    """Within a span, so that there are exemplars."""
    reader = InMemoryMetricReader()
    view = View(
        instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation()
    )
    provider = MeterProvider(metric_readers=[reader], resource=resource, views=[view])
    meter = provider.get_meter("conformance", "1.2.3")
    meter.create_counter("requests", "{request}", "Anfragen 🎯").add(2**62, {"route": "/"})
    meter.create_up_down_counter("queue").add(-1.5)
    meter.create_gauge("temperature", "Cel").set(-3, {"room": "attic", "list": ["a", "b"]})
    duration = meter.create_histogram("duration", explicit_bucket_boundaries_advisory=[0.5, 1, 10])
    exponential = meter.create_histogram("exponential")
    for value in [0.25, 0.5, 7, 100.0]:
        duration.record(value, {"route": "/"})
        exponential.record(value)
    metrics = reader.get_metrics_data()
    sender = exporter(OTLPMetricExporter, "metrics")
    assert sender.export(metrics) == MetricExportResult.SUCCESS
    sender.shutdown()
    return metrics


def send_logs():
    sent = InMemoryLogRecordExporter()
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(
        SimpleLogRecordProcessor(exporter(OTLPLogExporter, "logs"))
    )
    provider.add_log_record_processor(SimpleLogRecordProcessor(sent))
    logger = provider.get_logger("conformance", "1.2.3")
    for body in ["a text", "", -42, 2.0, True, ["a", 1], {"a": {"b": [1.5]}}]:
        logger.emit(
            LogRecord(
                timestamp=1_763_683_200_123_456_789,
                severity_number=SeverityNumber.WARN2,
                severity_text="warning",
                body=body,
                attributes={"text": "ünïcödé", "whole": 7, "ratio": 0.25, "yes": True},
            )
        )
    logger.emit(LogRecord(event_name="order.placed", body={"id": "a-1"}))
    provider.shutdown()
    return sent.get_finished_logs()


def hex_id(value, digits):
    return format(value, f"0{digits}x") if value else None


def span_row(span):
    return {
        "trace_id": hex_id(span.context.trace_id, 32),
        "span_id": hex_id(span.context.span_id, 16),
        "parent_span_id": hex_id(span.parent.span_id, 16) if span.parent else None,
        "name": span.name,
        "kind": span.kind.name,
        "start_time": str(span.start_time),
        "end_time": str(span.end_time),
        "status_message": span.status.description or "",
        "attributes": dict(span.attributes),
        "events": [{"name": event.name, "time": str(event.timestamp)} for event in span.events],
        "links": [{"span_id": hex_id(link.context.span_id, 16)} for link in span.links],
        "scope_name": span.instrumentation_scope.name,
        "scope_version": span.instrumentation_scope.version,
    }


def metric_rows(metrics):
    return [
        {
            "name": metric.name,
            "unit": metric.unit or "",
            "description": metric.description or "",
            "time": str(point.time_unix_nano),
            "attributes": {
                key: list(value) if isinstance(value, tuple) else value
                for key, value in point.attributes.items()
            },
            "exemplars": [
                {"span_id": hex_id(exemplar.span_id, 16), "value": float(exemplar.value)}
                for exemplar in point.exemplars
            ],
        }
        | point_columns(metric.data, point)
        for resource_metrics in metrics.resource_metrics
        for scope_metrics in resource_metrics.scope_metrics
        for metric in scope_metrics.metrics
        for point in metric.data.data_points
    ]


def point_columns(data, point):
    if isinstance(data, Gauge):
        return {"type": "gauge"} | value_columns(point.value)
    if isinstance(data, Sum):
        return {"type": "sum", "is_monotonic": data.is_monotonic} | value_columns(point.value)
    found = {"count": str(point.count), "sum": point.sum, "min": point.min, "max": point.max}
    if isinstance(data, Histogram):
        counts = [str(count) for count in point.bucket_counts]
        bounds = [float(bound) for bound in point.explicit_bounds]
        return found | {"type": "histogram", "bucket_counts": counts, "explicit_bounds": bounds}
    assert isinstance(data, ExponentialHistogram)
    return found | {
        "type": "exponential_histogram",
        "scale": str(point.scale),
        "zero_count": str(point.zero_count),
        "positive_offset": str(point.positive.offset),
        "positive_bucket_counts": [str(count) for count in point.positive.bucket_counts],
    }


def value_columns(value):
    if isinstance(value, int):
        return {"value": float(value), "value_type": "int", "value_int": str(value)}
    return {"value": value, "value_type": "double", "value_int": "0"}


def log_row(record):
    body = record.body
    is_text = isinstance(body, str)
    return {
        "time": str(record.timestamp) if record.timestamp else None,
        "observed_time": str(record.observed_timestamp),
        "trace_id": hex_id(record.trace_id, 32),
        "span_id": hex_id(record.span_id, 16),
        "severity_number": str(record.severity_number.value if record.severity_number else 0),
        "severity_text": record.severity_text or "",
        "event_name": record.event_name or "",
        "body": body if is_text else json.dumps(body, separators=(",", ":")),
        "attributes": dict(record.attributes or {}),
        "scope_name": "conformance",
        "service_name": "python",
    }


json.dump(send_spans(), sys.stdout)
