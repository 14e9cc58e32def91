"""Counts the spans of segments with pandas and with DuckDB, which must agree, and prints what they found.

Usage: count_spans.py FILE…
"""

import json
import sys

import duckdb
import pandas as pd
import pyarrow as pa

frames = [pa.ipc.open_stream(path).read_pandas() for path in sys.argv[1:]]
pandas_spans = pd.concat(frames)
spans = pa.concat_tables(pa.ipc.open_stream(path).read_all() for path in sys.argv[1:])


def with_pandas():
    services = pandas_spans.groupby("service_name").size()
    return {
        "spans": len(pandas_spans),
        "distinct": int(pandas_spans.span_id.nunique()),
        "traces": int(pandas_spans.trace_id.nunique()),
        "errors": int((pandas_spans.status_code == "ERROR").sum()),
        "services": {name: int(count) for name, count in services.items()},
    }


def with_duckdb():
    total = duckdb.sql(
        "SELECT count(*), count(DISTINCT span_id), count(DISTINCT trace_id),"
        " count(*) FILTER (WHERE status_code = 'ERROR') FROM spans"
    ).fetchall()[0]
    services = duckdb.sql("SELECT service_name, count(*) FROM spans GROUP BY 1 ORDER BY 1").fetchall()
    return dict(zip(["spans", "distinct", "traces", "errors"], total)) | {"services": dict(services)}


found = with_pandas()
assert with_duckdb() == found, f"DuckDB {with_duckdb()}, pandas {found}"
json.dump(found, sys.stdout)
