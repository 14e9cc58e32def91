"""Prints the rows of segments as a JSON array, read by pyarrow: times as decimal nanoseconds, integers as text,
bytes as hex.

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
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def segment_rows(paths):
    rows = []
    for path in paths:
        with pa.ipc.open_stream(path) as reader:
            table = reader.read_all()
        table.validate(full=True)
        rows.extend(plain(row) for row in table.to_pylist())
    return rows


def same(found, value):
    """Equal, also as NaN, and with the sign of zero."""
    if isinstance(found, float) and isinstance(value, float):
        return repr(found) == repr(value)
    if isinstance(found, list) and isinstance(value, list) and len(found) == len(value):
        return all(map(same, found, value))
    if isinstance(found, dict) and isinstance(value, dict):
        return found.keys() == value.keys() and all(same(found[name], value[name]) for name in found)
    return found == value


if __name__ == "__main__":
    json.dump(segment_rows(sys.argv[1:]), sys.stdout)
