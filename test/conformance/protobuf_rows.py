"""The rows that requests must become, from what Python's protobuf decodes.

request_rows(signal, bytes) gives them as a list of objects by column, with all columns that a request decides
but otlp_extra; None if protobuf refuses the bytes, as it does where a string is not UTF-8.
"""

import base64
import json
import math
from decimal import Decimal
from typing import Callable, NamedTuple

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
STATUS_CODES = ["UNSET", "OK", "ERROR"]
TEMPORALITIES = ["UNSPECIFIED", "DELTA", "CUMULATIVE"]

# Times from 2^63 - 1 on do not fit.
TIME_MAX = 2**63 - 2

# Where JavaScript begins to write an exponent: the places of the point.
POINT_MAX = 21
POINT_MIN = -5


class Signal(NamedTuple):
    """What a signal calls the parts of its requests, and the rows of the record at an index."""

    request: type
    resource_groups: str
    scope_groups: str
    records: str
    rows: Callable


def request_rows(signal, content):
    parts = SIGNALS[signal]
    try:
        request = parts.request.FromString(content)
    except DecodeError:
        return None
    rows = []
    for resource_index, resource_group in enumerate(getattr(request, parts.resource_groups)):
        for scope_index, scope_group in enumerate(getattr(resource_group, parts.scope_groups)):
            tail = {
                **resource_columns(resource_group),
                **scope_columns(scope_group),
                "resource_index": resource_index,
                "scope_index": scope_index,
            }
            for index, record in enumerate(getattr(scope_group, parts.records)):
                rows.extend({**row, **tail} for row in parts.rows(record, index))
    return rows


def resource_columns(group):
    resource = group.resource
    return {
        "service_name": service_name(resource),
        "resource_attributes": attributes_text(resource) if group.HasField("resource") else None,
        "resource_dropped_attributes_count": resource.dropped_attributes_count,
        "resource_schema_url": group.schema_url,
    }


def service_name(resource):
    for attribute in resource.attributes:
        if attribute.key == "service.name":
            is_text = attribute.value.WhichOneof("value") == "string_value"
            return attribute.value.string_value if is_text else None
    return None


def scope_columns(group):
    scope = group.scope
    return {
        "scope_name": scope.name if group.HasField("scope") else None,
        "scope_version": scope.version,
        "scope_attributes": attributes_text(scope),
        "scope_dropped_attributes_count": scope.dropped_attributes_count,
        "scope_schema_url": group.schema_url,
    }


def span_rows(span, _index):
    start, end = time(span.start_time_unix_nano), time(span.end_time_unix_nano)
    status = span.status
    return [
        {
            "start_time": start,
            "end_time": end,
            "duration_ns": 0 if start is None or end is None else end - start,
            "trace_id": hex_id(span.trace_id),
            "span_id": hex_id(span.span_id),
            "parent_span_id": hex_id(span.parent_span_id),
            "name": span.name,
            "kind": enum_text(span.kind, KINDS),
            "status_code": enum_text(status.code, STATUS_CODES) if span.HasField("status") else None,
            "status_message": status.message,
            "attributes": attributes_text(span),
            "events": [event_columns(event) for event in span.events],
            "links": [link_columns(link) for link in span.links],
            "trace_state": span.trace_state,
            "flags": span.flags,
            "dropped_attributes_count": span.dropped_attributes_count,
            "dropped_events_count": span.dropped_events_count,
            "dropped_links_count": span.dropped_links_count,
        }
    ]


def event_columns(event):
    return {
        "time": time(event.time_unix_nano),
        "name": event.name,
        "attributes": attributes_text(event),
        "dropped_attributes_count": event.dropped_attributes_count,
    }


def link_columns(link):
    return {
        "trace_id": hex_id(link.trace_id),
        "span_id": hex_id(link.span_id),
        "trace_state": link.trace_state,
        "attributes": attributes_text(link),
        "dropped_attributes_count": link.dropped_attributes_count,
        "flags": link.flags,
    }


def log_record_rows(record, _index):
    body_type = member(record.body) if record.HasField("body") else None
    if body_type == "string":
        body = record.body.string_value
    else:
        body = None if body_type in (None, "empty") else value_text(record.body)
    return [
        {
            "time": time(record.time_unix_nano),
            "observed_time": time(record.observed_time_unix_nano),
            "trace_id": hex_id(record.trace_id),
            "span_id": hex_id(record.span_id),
            "severity_number": record.severity_number,
            "severity_text": record.severity_text,
            "event_name": record.event_name,
            "body": body,
            "body_type": body_type,
            "attributes": attributes_text(record),
            "dropped_attributes_count": record.dropped_attributes_count,
            "flags": record.flags,
        }
    ]


def metric_rows(metric, index):
    """One for each point; one of an empty point where there is none."""
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind) if kind else None
    head = {
        "name": metric.name,
        "description": metric.description,
        "unit": metric.unit,
        "type": kind or "none",
        "temporality": enum_text(data.aggregation_temporality, TEMPORALITIES)
        if hasattr(data, "aggregation_temporality")
        else None,
        "is_monotonic": data.is_monotonic if kind == "sum" else None,
        "metadata": pairs_text(metric.metadata),
        "metric_index": index,
    }
    points = data.data_points if data else []
    return [{**head, **point_columns(point)} for point in points or [None]]


def point_columns(point):
    """Of a point of any kind; what its kind does not have is as in an empty row."""
    return {
        "time": time(getattr(point, "time_unix_nano", 0)),
        "start_time": time(getattr(point, "start_time_unix_nano", 0)),
        **value_columns(point),
        "count": getattr(point, "count", 0),
        "sum": optional(point, "sum"),
        "min": optional(point, "min"),
        "max": optional(point, "max"),
        "bucket_counts": list(getattr(point, "bucket_counts", [])),
        "explicit_bounds": list(getattr(point, "explicit_bounds", [])),
        "scale": getattr(point, "scale", 0),
        "zero_count": getattr(point, "zero_count", 0),
        "zero_threshold": getattr(point, "zero_threshold", 0.0),
        **bucket_columns(point, "positive"),
        **bucket_columns(point, "negative"),
        "quantiles": [
            {"quantile": each.quantile, "value": each.value} for each in getattr(point, "quantile_values", [])
        ],
        "exemplars": [exemplar_columns(exemplar) for exemplar in getattr(point, "exemplars", [])],
        "attributes": pairs_text(getattr(point, "attributes", [])),
        "flags": getattr(point, "flags", 0),
    }


def value_columns(number):
    """Of number points and exemplars."""
    has_value = hasattr(number, "as_int")
    kind = number.WhichOneof("value") if has_value else None
    return {
        "value": float(getattr(number, kind)) if kind else None,
        "value_type": kind.removeprefix("as_") if kind else None,
        "value_int": number.as_int if has_value else 0,
    }


def optional(point, name):
    """A field that may be missing; that of a summary is always there."""
    field = point.DESCRIPTOR.fields_by_name.get(name) if point is not None else None
    if field is None or (field.has_presence and not point.HasField(name)):
        return None
    return getattr(point, name)


def bucket_columns(point, sign):
    buckets = optional(point, sign)
    return {
        f"{sign}_offset": buckets.offset if buckets is not None else 0,
        f"{sign}_bucket_counts": list(buckets.bucket_counts) if buckets is not None else None,
    }


def exemplar_columns(exemplar):
    return {
        "time": time(exemplar.time_unix_nano),
        **value_columns(exemplar),
        "trace_id": hex_id(exemplar.trace_id),
        "span_id": hex_id(exemplar.span_id),
        "attributes": pairs_text(exemplar.filtered_attributes),
    }


def time(nanoseconds):
    return None if nanoseconds == 0 or nanoseconds > TIME_MAX else nanoseconds


def hex_id(content):
    return content.hex() or None


def enum_text(number, names):
    return names[number] if 0 <= number < len(names) else str(number)


def attributes_text(message):
    return pairs_text(message.attributes)


def pairs_text(pairs):
    texts = (f"{string_text(pair.key)}:{value_text(pair.value)}" for pair in pairs)
    return "{" + ",".join(texts) + "}"


def member(value):
    """Of an AnyValue; the index of a string, which only profiles have, counts as none."""
    name = value.WhichOneof("value")
    return "empty" if name in (None, "string_value_strindex") else name.removesuffix("_value")


def value_text(value):
    kind = member(value)
    if kind == "string":
        return string_text(value.string_value)
    if kind == "bool":
        return "true" if value.bool_value else "false"
    if kind == "int":
        return str(value.int_value)
    if kind == "double":
        return double_text(value.double_value)
    if kind == "array":
        return "[" + ",".join(value_text(item) for item in value.array_value.values) + "]"
    if kind == "kvlist":
        return pairs_text(value.kvlist_value.values)
    if kind == "bytes":
        return f'"{base64.b64encode(value.bytes_value).decode()}"'
    return "null"


def string_text(text):
    return json.dumps(text, ensure_ascii=False)


def double_text(value):
    """The shortest digits, with a point or an exponent as JavaScript writes it."""
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
    sign, digit_list, exponent = Decimal(repr(value)).normalize().as_tuple()
    digits = "".join(map(str, digit_list))
    point = len(digits) + exponent
    minus = "-" if sign else ""
    if point > POINT_MAX or point < POINT_MIN:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{minus}{digits[0]}{fraction}e{point - 1:+d}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    return f"{minus}{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"


SIGNALS = {
    "traces": Signal(ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans", span_rows),
    "metrics": Signal(
        ExportMetricsServiceRequest, "resource_metrics", "scope_metrics", "metrics", metric_rows
    ),
    "logs": Signal(ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records", log_record_rows),
}
