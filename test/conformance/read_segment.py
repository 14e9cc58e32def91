"""Reads segments with every reader and compares what each sees, cell by cell.

Usage: read_segment.py EXPECTED.json FILE… [-- EXPECTED.json FILE…]…

EXPECTED.json holds the rows that the FILEs behind it must have together, in order, as a list of objects: times
as decimal nanoseconds, integers as numbers or decimal text, bytes as hex, lists as lists, NULL as null. pyarrow
is compared with it (a column that it does not name is not compared); every other reader with pyarrow. Prints
a line for each reader; exits 1 at the first difference.
"""

import json
import math
import sys

import chdb
import duckdb
import nanoarrow.ipc
import nanoarrow as na
import pandas as pd
import polars as pl
import pyarrow as pa

from rows import same


def with_pyarrow(path):
    with pa.ipc.open_stream(path) as reader:
        table = reader.read_all()
    table.validate(full=True)
    return table


def with_pandas(path):
    with pa.ipc.open_stream(path) as reader:
        frame = reader.read_pandas()
    assert isinstance(frame, pd.DataFrame)
    schema = with_pyarrow(path).schema
    # Where doubles may be NaN, NaN is not taken for NULL.
    columns = [pa.array(frame[field.name], field.type, from_pandas=not has_doubles(field.type)) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def has_doubles(kind):
    return pa.types.is_floating(kind) or any(has_doubles(kind.field(i).type) for i in range(kind.num_fields))


def with_polars(path):
    return pl.read_ipc_stream(path).to_arrow()


def with_nanoarrow(path):
    with nanoarrow.ipc.InputStream.from_path(path) as stream:
        return pa.RecordBatchReader.from_stream(na.ArrayStream(stream)).read_all()


def with_duckdb(path):
    segment = with_pyarrow(path)
    assert segment.num_rows >= 0  # the query below names it
    return duckdb.sql("SELECT * FROM segment").to_arrow_table()


def with_clickhouse(path):
    # Its own hive column would come behind ours; times without a zone are shown in the session's.
    settings = "use_hive_partitioning = 0, session_timezone = 'UTC'"
    query = f"SELECT * FROM file('{path}', 'ArrowStream') SETTINGS {settings}"
    return pa.ipc.open_stream(pa.py_buffer(chdb.query(query, "ArrowStream").bytes())).read_all()


def with_duckdb_read_arrow(path):
    connection = duckdb.connect()
    connection.execute("LOAD nanoarrow")
    return connection.execute("SELECT * FROM read_arrow(?)", [path]).to_arrow_table()


def can_read_arrow():
    """Whether DuckDB's nanoarrow extension can be had; it is downloaded, so not everywhere."""
    try:
        duckdb.connect().execute("INSTALL nanoarrow FROM community").execute("LOAD nanoarrow")
        return True
    except duckdb.Error as error:
        print("not run: duckdb read_arrow, its extension cannot be installed here:", str(error).split("\n")[0])
        return False


def plain(value):
    """Times as nanoseconds, every other value as it is."""
    if hasattr(value, "as_unit"):  # a pandas Timestamp
        return value.as_unit("ns").value
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def rows_of(table, schema):
    """The rows of a reader's table, whose types (large strings, views) may differ, in ours."""
    names = schema.names
    assert table.column_names == names, f"columns {table.column_names}"
    columns = []
    for field in schema:
        column = table[field.name]
        target = field.type
        if column.type != target:
            column = pa.chunked_array([chunk_cast(chunk, target) for chunk in column.chunks], target)
        columns.append([plain(value) for value in column.to_pylist()])
    return [dict(zip(names, cells)) for cells in zip(*columns)]


def chunk_cast(chunk, target):
    try:
        return chunk.cast(target)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array(chunk.to_pylist(), target)  # nested types that the cast does not know


def expected_cell(value, found):
    """JSON has no 64-bit integers, NaN, infinities and -0, which come as text, and no bytes, which come as hex."""
    if isinstance(value, str) and isinstance(found, int):
        return int(value)
    if isinstance(value, (str, int)) and isinstance(found, float):
        return float(value)
    if isinstance(value, str) and isinstance(found, bytes):
        return bytes.fromhex(value)
    if isinstance(value, list) and isinstance(found, list) and len(value) == len(found):
        return [expected_cell(item, other) for item, other in zip(value, found)]
    if isinstance(value, dict) and isinstance(found, dict):
        return {name: expected_cell(item, found.get(name)) for name, item in value.items()}
    return value


def as_pandas_sees(value, kind):
    """Among doubles NULL is NaN."""
    return math.nan if value is None and pa.types.is_floating(kind) else value


def as_clickhouse_sees(value, kind):
    """A list is never NULL, but empty."""
    return [] if value is None and pa.types.is_list(kind) else value


# What some readers cannot tell apart; every other value they have to see as it is.
SIGHTS = {"pandas": as_pandas_sees, "clickhouse": as_clickhouse_sees}


def seen_by(reader, rows, schema):
    sees = SIGHTS.get(reader)
    if sees is None:
        return rows
    return [{field.name: sees(row[field.name], field.type) for field in schema} for row in rows]


def compare(reader, rows, expected):
    assert len(rows) == len(expected), f"{reader}: {len(rows)} rows, expected {len(expected)}"
    for number, (row, wanted) in enumerate(zip(rows, expected)):
        for name, value in wanted.items():
            value = expected_cell(value, row[name])
            assert same(row[name], value), f"{reader}: row {number} {name}: {row[name]!r}, expected {value!r}"


def main(arguments):
    readers = {
        "pandas": with_pandas,
        "polars": with_polars,
        "nanoarrow": with_nanoarrow,
        "duckdb": with_duckdb,
        "clickhouse": with_clickhouse,
    }
    if can_read_arrow():
        readers["duckdb read_arrow"] = with_duckdb_read_arrow
    for expected_path, *paths in groups(arguments):
        compare_readers(readers, expected_path, paths)


def groups(arguments):
    """What stands between one "--" and the next."""
    found = [[]]
    for argument in arguments:
        if argument == "--":
            found.append([])
        else:
            found[-1].append(argument)
    return found


def compare_readers(readers, expected_path, paths):
    with open(expected_path, encoding="utf8") as file:
        expected = json.load(file)
    rows = []
    for path in paths:
        table = with_pyarrow(path)
        rows.extend(rows_of(table, table.schema))
    compare("pyarrow", rows, expected)
    print(f"ok: pyarrow reads {len(rows)} rows of {len(paths)} segments as expected")
    for name, read in readers.items():
        found = []
        for path in paths:
            found.extend(rows_of(read(path), with_pyarrow(path).schema))
        compare(name, found, seen_by(name, rows, with_pyarrow(paths[0]).schema))
        print(f"ok: {name} reads the same")


if __name__ == "__main__":
    main(sys.argv[1:])
