"""Compares the rows of segments with what Python's protobuf decodes of the requests, column by column.

Usage: compare_protobuf.py SIGNAL REQUESTS FILE…

REQUESTS holds every request of the FILEs, in order, each behind its length (four bytes, little-endian); each has
at least one row. Requests that protobuf refuses, whose text is not UTF-8, are passed over. Exits 1 at the first difference.
"""

import sys
from itertools import groupby

from protobuf_rows import request_rows
from rows import plain, same, segment_rows


def read_requests(path):
    with open(path, "rb") as file:
        while length := file.read(4):
            yield file.read(int.from_bytes(length, "little"))


def main(signal, requests_path, paths):
    requests = list(read_requests(requests_path))
    rows = segment_rows(paths)
    batches = [list(batch) for _, batch in groupby(rows, lambda row: row["batch_id"])]
    assert len(batches) == len(requests), f"{len(batches)} requests are archived, not {len(requests)}"
    refused = 0
    for number, (request, found) in enumerate(zip(requests, batches)):
        expected = request_rows(signal, request)
        if expected is None:
            refused += 1
            continue
        assert len(found) == len(expected), f"request {number}: {len(found)} rows, expected {len(expected)}"
        for row, wanted in zip(found, map(plain, expected)):
            for name, value in wanted.items():
                assert same(row[name], value), f"request {number} {name}: {row[name]!r}, expected {value!r}"
    assert refused < len(requests) / 2, f"{refused} of {len(requests)} requests are refused"
    taken = len(requests) - refused
    print(f"ok: Python's protobuf decodes {taken} requests of {signal} as archived, and refuses {refused}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
