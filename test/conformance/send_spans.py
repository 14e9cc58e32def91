"""Sends spans with the OpenTelemetry Python SDK and prints what it sent, as a JSON array.

Usage: send_spans.py http/protobuf|grpc ENDPOINT
"""

import json
import sys

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

protocol, endpoint = sys.argv[1:]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=endpoint, insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")

sent = InMemorySpanExporter()
provider = TracerProvider(resource=Resource.create({"service.name": "python", "shard": 7}))
provider.add_span_processor(SimpleSpanProcessor(exporter))
provider.add_span_processor(SimpleSpanProcessor(sent))
tracer = provider.get_tracer("conformance", "1.2.3")
with tracer.start_as_current_span("outer", kind=SpanKind.SERVER) as outer:
    outer.set_attributes({"text": 'quote " and ünïcödé 🎯', "count": 3, "ratio": 0.1, "whole": 2.0})
    outer.set_attributes({"yes": True, "list": ["a", "b"], "numbers": [1, 2, 3]})
    outer.add_event("cache miss", {"key": "a"})
    with tracer.start_as_current_span("inner", links=[Link(outer.get_span_context())]) as inner:
        inner.set_status(Status(StatusCode.ERROR, "broken"))
provider.shutdown()


def hex_id(value, digits):
    return format(value, f"0{digits}x")


def row(span):
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


json.dump([row(span) for span in sent.get_finished_spans()], sys.stdout)
