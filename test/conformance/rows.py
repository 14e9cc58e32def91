"""Prints the rows of segments as a JSON array, read by pyarrow: times as decimal nanoseconds, integers as text.

Usage: rows.py FILE…
"""

import json
import sys

import pyarrow as pa


def plain(value):
    if hasattr(value, "as_unit"):  # a pandas Timestamp
        return str(value.as_unit("ns").value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


rows = []
for path in sys.argv[1:]:
    with pa.ipc.open_stream(path) as reader:
        table = reader.read_all()
    table.validate(full=True)
    rows.extend(plain(row) for row in table.to_pylist())
json.dump(rows, sys.stdout)
