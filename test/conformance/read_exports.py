"""Reads what `archer export` wrote with the readers of each format, and compares it with the archive and what was sent.

Usage: read_exports.py SIGNAL FOLDER REQUESTS FILE…

FOLDER has the signal's export in every format, the FILEs are the segments it was made of, in order, and REQUESTS holds
what was sent, each behind its length (four bytes, big-endian). Prints a line for each reader; exits 1 at the first
difference.
"""

import base64
import json
import os
import sys

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.json_format import ParseDict

from compare_requests import SIGNALS, prune
from rows import plain, same

# OTLP/JSON has these in hex, where proto3's JSON has base64.
hex_names = {"traceId", "spanId", "parentSpanId"}

signal, folder, requests_path, *segments = sys.argv[1:]
archive = pa.concat_tables(pa.ipc.open_stream(path).read_all() for path in segments)


def exported(ending):
    return os.path.join(folder, f"{signal}.{ending}")


def equal_tables(name, found):
    assert found.column_names == archive.column_names, f"{name}: {found.column_names}"
    assert found.num_rows == archive.num_rows, f"{name}: {found.num_rows} rows, {archive.num_rows} archived"
    for column in archive.column_names:
        for row, (a, b) in enumerate(zip(found[column].to_pylist(), archive[column].to_pylist())):
            assert same(plain(a), plain(b)), f"{name}: row {row} {column}: {a!r}, archived {b!r}"
    print(f"{name}: {found.num_rows} rows equal")


def read_parquet():
    file = pq.ParquetFile(exported("parquet"))
    table = file.read()
    table.validate(full=True)
    assert table.schema.remove_metadata().equals(archive.schema.remove_metadata()), table.schema
    assert table.schema.metadata[b"otlp.archive.schema"] == archive.schema.metadata[b"otlp.archive.schema"]
    codecs = {file.metadata.row_group(0).column(i).compression for i in range(file.metadata.num_columns)}
    assert codecs == {"ZSTD"}, codecs
    equal_tables("parquet, pyarrow", table)
    path = exported("parquet")
    equal_tables("parquet, duckdb", duckdb.sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table())
    keys = duckdb.sql(f"SELECT key::VARCHAR FROM parquet_kv_metadata('{path}')").fetchall()
    assert ("otlp.archive.recorder",) in keys, keys
    assert len(pd.read_parquet(path)) == archive.num_rows


def read_arrow():
    table = pa.ipc.open_file(exported("arrow")).read_all()
    table.validate(full=True)
    assert table.schema.remove_metadata().equals(archive.schema.remove_metadata()), table.schema
    equal_tables("arrow-file, pyarrow", table)
    assert len(pd.read_feather(exported("arrow"))) == archive.num_rows


def csv_text(kind, value):
    """A value as CSV has it; None for what is compared otherwise."""
    if value is None:
        return ""
    if pa.types.is_timestamp(kind):
        nanoseconds = int(plain(value))
        return f"{pd.Timestamp(nanoseconds // 10**9, unit='s').isoformat()}.{nanoseconds % 10**9:09}Z"
    if pa.types.is_boolean(kind):
        return str(value).lower()
    if pa.types.is_binary(kind):
        return base64.b64encode(value).decode()
    return None if pa.types.is_floating(kind) or pa.types.is_list(kind) else str(value)


def read_csv():
    frame = pd.read_csv(exported("csv"), dtype=str, keep_default_na=False)
    assert list(frame.columns) == archive.column_names
    assert len(frame) == archive.num_rows, len(frame)
    for field in archive.schema:
        for row, (text, value) in enumerate(zip(frame[field.name], archive[field.name].to_pylist())):
            expected = csv_text(field.type, value)
            if expected is not None:
                assert text == expected, f"csv: row {row} {field.name}: {text!r}, archived {expected!r}"
            elif pa.types.is_floating(field.type):
                assert same(float(text), value), f"csv: row {row} {field.name}: {text}, archived {value}"
            else:
                assert len(json.loads(text)) == len(value), f"csv: row {row} {field.name}: {text}"
    print(f"csv, pandas: {len(frame)} rows equal")


def split(path):
    with open(path, "rb") as file:
        while length := file.read(4):
            yield file.read(int.from_bytes(length, "big"))


def with_base64_ids(value):
    if isinstance(value, list):
        return [with_base64_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(item)).decode() if name in hex_names else with_base64_ids(item)
        for name, item in value.items()
    }


def canonical(message):
    return message.SerializeToString(deterministic=True)


def read_requests():
    message, *names = SIGNALS[signal]
    # Groups without records have no place in the archive.
    sent = [prune(message.FromString(request), *names) for request in split(requests_path)]
    found = [message.FromString(request) for request in split(exported("binpb"))]
    assert len(found) == len(sent), f"otlp-proto: {len(found)} requests, {len(sent)} sent"
    for number, (a, b) in enumerate(zip(found, sent)):
        assert canonical(a) == canonical(b), f"otlp-proto: request {number} differs"
    print(f"otlp-proto, protobuf: {len(found)} requests equal")
    with open(exported("jsonl"), encoding="utf8") as file:
        lines = [json.loads(line) for line in file]
    assert len(lines) == len(sent), f"otlp-jsonl: {len(lines)} requests, {len(sent)} sent"
    for number, (line, b) in enumerate(zip(lines, sent)):
        a = ParseDict(with_base64_ids(line), message())
        b.DiscardUnknownFields()
        # Their text is compared too: JSON has one NaN, and protobuf many.
        same = canonical(a) == canonical(b) or str(a) == str(b)
        assert same, f"otlp-jsonl: request {number} differs"
    print(f"otlp-jsonl, protobuf's json_format: {len(lines)} requests equal")


read_parquet()
read_arrow()
read_csv()
read_requests()
