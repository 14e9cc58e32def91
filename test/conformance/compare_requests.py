"""Compares requests with what was rebuilt of them, as Python's protobuf understands both.

Usage: compare_requests.py SIGNAL PAIRS

PAIRS holds each request and then its rebuilt form, each behind its length (four bytes, little-endian). Groups
without records, which leave no rows, are taken out of the requests first. Requests that protobuf refuses are
passed over; what was rebuilt of them it must refuse too. Exits 1 at the first difference.
"""

import sys

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SIGNALS = {
    "traces": (ExportTraceServiceRequest, "resource_spans", "scope_spans", "spans"),
    "metrics": (ExportMetricsServiceRequest, "resource_metrics", "scope_metrics", "metrics"),
    "logs": (ExportLogsServiceRequest, "resource_logs", "scope_logs", "log_records"),
}


def read_pairs(path):
    with open(path, "rb") as file:
        contents = []
        while length := file.read(4):
            contents.append(file.read(int.from_bytes(length, "little")))
    assert len(contents) % 2 == 0, "a request without its pair"
    return list(zip(contents[::2], contents[1::2]))


def parse(message_type, content):
    try:
        return message_type.FromString(content)
    except DecodeError:
        return None


def keep(items, is_kept):
    for index in reversed(range(len(items))):
        if not is_kept(items[index]):
            del items[index]


def prune(request, resource_groups, scope_groups, records):
    for group in getattr(request, resource_groups):
        keep(getattr(group, scope_groups), lambda scope_group: getattr(scope_group, records))
    keep(getattr(request, resource_groups), lambda group: getattr(group, scope_groups))
    return request


def main(signal, path):
    message_type, *names = SIGNALS[signal]
    pairs = read_pairs(path)
    refused = 0
    for number, (original, rebuilt) in enumerate(pairs):
        expected, found = parse(message_type, original), parse(message_type, rebuilt)
        if expected is None or found is None:
            assert expected is found, f"request {number} is refused in one form only"
            refused += 1
            continue
        wanted = prune(expected, *names).SerializeToString(deterministic=True)
        given = found.SerializeToString(deterministic=True)
        assert given == wanted, f"request {number}:\n{found}\nexpected\n{expected}"
    assert refused < len(pairs) / 2, f"{refused} of {len(pairs)} requests are refused"
    print(f"ok: {len(pairs) - refused} requests of {signal} are rebuilt equal, {refused} are refused")


if __name__ == "__main__":
    main(*sys.argv[1:])
