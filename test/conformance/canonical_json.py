"""Turns requests into OTLP/JSON by Python's protobuf, a second opinion on the mapping.

Usage: canonical_json.py FILE

FILE holds a JSON array of {"signal", "request"}, the request in base64. Prints an array of {"json", "request"}: the
request as text of OTLP/JSON, and its bytes again without the fields that Python's definitions do not know.
"""

import base64
import json
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

types = {
    "traces": ExportTraceServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "logs": ExportLogsServiceRequest,
}

# OTLP has these in hex, where proto3 has base64.
hex_names = {"traceId", "spanId", "parentSpanId"}


def with_hex_ids(value):
    if isinstance(value, list):
        return [with_hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64decode(item).hex() if name in hex_names else with_hex_ids(item)
        for name, item in value.items()
    }


def convert(signal, request):
    message = types[signal].FromString(base64.b64decode(request))
    message.DiscardUnknownFields()
    fields = MessageToDict(message, use_integers_for_enums=True)
    return {
        "json": json.dumps(with_hex_ids(fields)),
        "request": base64.b64encode(message.SerializeToString(deterministic=True)).decode(),
    }


with open(sys.argv[1], encoding="utf8") as file:
    json.dump([convert(**item) for item in json.load(file)], sys.stdout)
