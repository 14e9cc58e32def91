"""Reads sealed segments in the Arrow IPC file format, as people do: one file, and whole folders.

Usage: read_files.py OUTPUT_DIR STREAM.arrow…

Each STREAM is a segment as a stream; the file of the same name below OUTPUT_DIR/traces must have the same
rows in every reader. Prints a line for each reader; exits 1 at the first difference.
"""

import glob
import os
import sys

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

output_dir, *streams = sys.argv[1:]
traces = os.path.join(output_dir, "traces")
files = sorted(glob.glob(f"{traces}/*/*.arrow"))
assert [os.path.basename(f) for f in files] == [os.path.basename(s) for s in streams], files


def same(name, found, expected):
    found = found.select(expected.column_names).cast(expected.schema).combine_chunks()
    assert found.equals(expected.combine_chunks()), f"{name} differs"


tables = []
for file, stream in zip(files, streams):
    expected = pa.ipc.open_stream(stream).read_all()
    tables.append(expected)
    reader = pa.ipc.open_file(file)
    assert reader.schema.equals(expected.schema, check_metadata=True), reader.schema
    found = reader.read_all()
    found.validate(full=True)
    same("pyarrow open_file", found, expected)
    sizes = [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]
    assert sizes == [len(batch) for batch in pa.ipc.open_stream(stream)], sizes
    with pa.ipc.open_stream(stream) as one:
        messages = [batch.custom_metadata for batch in one.iter_batches_with_custom_metadata()]
    for index, metadata in enumerate(messages):
        found = reader.get_batch_with_custom_metadata(index).custom_metadata
        assert found.equals(metadata) and b"archer.wal" in found, found
    frame = pd.read_feather(file)
    assert len(frame) == expected.num_rows
    same("pandas read_feather", pa.Table.from_pandas(frame, expected.schema, False), expected)
    same("polars scan_ipc", pl.scan_ipc(file).collect().to_arrow(), expected)

rows = sum(table.num_rows for table in tables)
everything = pa.concat_tables(tables)
dataset = ds.dataset(traces, format="feather", partitioning="hive")
assert len(dataset.files) == len(files), dataset.files
found = dataset.to_table()
assert found.num_rows == rows and "date" in found.column_names, found.column_names
same("pyarrow.dataset", found.sort_by("batch_id"), everything.sort_by("batch_id"))
dates = {os.path.basename(os.path.dirname(file)) for file in files}
assert {f"date={value}" for value in found["date"].unique().to_pylist()} == dates
lazy = pl.scan_ipc(f"{traces}/*/*.arrow").select(pl.len()).collect().item()
assert lazy == rows, lazy
counted = duckdb.sql("SELECT count(*) FROM found").fetchall()[0]
assert counted[0] == rows, counted
for name in ["open_file", "read_feather", "scan_ipc", "dataset, hive partitions", "duckdb"]:
    print(f"{name}: {len(files)} files, {rows} rows")
