"""Counts what an output directory holds with pandas and with DuckDB, which must agree, and prints what they found.

Usage: count_items.py OUTPUT_DIR
"""

import glob
import json
import sys

import duckdb
import pandas as pd
import pyarrow as pa


def segments(signal):
    return sorted(glob.glob(f"{sys.argv[1]}/{signal}/*/*.arrow"))


def table(signal):
    return pa.concat_tables(pa.ipc.open_stream(path).read_all() for path in segments(signal))


def frame(signal):
    return pd.concat(pa.ipc.open_stream(path).read_pandas() for path in segments(signal))


def sizes(groups):
    return {name: int(count) for name, count in groups.size().items()}


def exemplar_ids(points):
    lists = [items for items in points.exemplars if len(items) > 0]
    return {item["span_id"] for items in lists for item in items if item["span_id"] is not None}


def with_pandas():
    found = {}
    if segments("traces"):
        spans = frame("traces")
        found["traces"] = {
            "items": len(spans),
            "distinct": int(spans.span_id.nunique()),
            "errors": int((spans.status_code == "ERROR").sum()),
            "services": sizes(spans.groupby("service_name")),
        }
    if segments("metrics"):
        points = frame("metrics")
        series = points[["service_name", "resource_attributes", "name", "attributes"]]
        found["metrics"] = {
            "items": len(points),
            "distinct": len(series.drop_duplicates()),
            "exemplars": len(exemplar_ids(points)),
            "types": sizes(points.groupby("type")),
        }
    if segments("logs"):
        logs = frame("logs")
        found["logs"] = {
            "items": len(logs),
            "distinct": int(logs.span_id.nunique()),
            "events": int((logs.event_name != "").sum()),
            "severities": sizes(logs.groupby("severity_text")),
        }
    return found


def with_duckdb():
    found = {}
    database = duckdb.connect()

    def named(query):
        relation = database.sql(query)
        return dict(zip(relation.columns, relation.fetchall()[0]))

    def grouped(query):
        return dict(database.sql(query).fetchall())

    if segments("traces"):
        database.register("spans", table("traces"))
        found["traces"] = named(
            "SELECT count(*) AS items, count(DISTINCT span_id) AS distinct,"
            " count(*) FILTER (WHERE status_code = 'ERROR') AS errors FROM spans"
        ) | {"services": grouped("SELECT service_name, count(*) FROM spans GROUP BY 1")}
    if segments("metrics"):
        database.register("points", table("metrics"))
        found["metrics"] = named(
            "SELECT count(*) AS items,"
            " count(DISTINCT (service_name, resource_attributes, name, attributes)) AS distinct,"
            " (SELECT count(DISTINCT e.span_id) FROM (SELECT unnest(exemplars) AS e FROM points))"
            " AS exemplars FROM points"
        ) | {"types": grouped("SELECT type, count(*) FROM points GROUP BY 1")}
    if segments("logs"):
        database.register("logs", table("logs"))
        found["logs"] = named(
            "SELECT count(*) AS items, count(DISTINCT span_id) AS distinct,"
            " count(*) FILTER (WHERE event_name <> '') AS events FROM logs"
        ) | {"severities": grouped("SELECT severity_text, count(*) FROM logs GROUP BY 1")}
    return found


def related():
    """Ids that log records and exemplars name, and no span has."""
    if not all(segments(signal) for signal in ("traces", "metrics", "logs")):
        return {}
    ids = set(frame("traces").span_id)
    in_logs = set(frame("logs").span_id.dropna())
    in_exemplars = exemplar_ids(frame("metrics"))
    return {"strange": {"logs": len(in_logs - ids), "exemplars": len(in_exemplars - ids)}}


found = with_pandas()
assert with_duckdb() == found, f"DuckDB {with_duckdb()}, pandas {found}"
json.dump(found | related(), sys.stdout)
