"""What pyarrow, pandas and DuckDB see in the Parquet file whose path is given as JSON: types, and values as texts."""

import json
import sys

import duckdb
import pandas as pd
import pyarrow.parquet as pq

path = json.load(sys.stdin)
table = pq.read_table(path)
table.validate(full=True)
frame = pd.read_parquet(path)
database = duckdb.connect()
database.sql("set timezone = 'UTC'")
relation = database.sql("select * from read_parquet($path)", params={"path": path})
kinds = {name: str(kind) for name, kind in zip(relation.columns, relation.types)}
# Times with a zone come out as text: DuckDB's Python package needs another one to make objects of them.
cells = [f'"{name}"::varchar' if "TIME ZONE" in kind else f'"{name}"' for name, kind in kinds.items()]
found = database.execute(f"select {', '.join(cells)} from read_parquet($path)", {"path": path}).fetchall()


def plain(column):
    """Durations as their numbers."""
    return column.cast("int64") if str(column.type).startswith("duration") else column


def texts(values):
    return [None if value is None else value.hex() if isinstance(value, bytes) else str(value) for value in values]


json.dump(
    {
        "arrow": {
            field.name: {"type": str(field.type), "values": texts(plain(column).to_pylist())}
            for field, column in zip(table.schema, table.columns)
        },
        "pandas": {name: str(dtype) for name, dtype in frame.dtypes.items()},
        "duckdb": {
            name: {"type": kind, "values": texts(values)}
            for (name, kind), values in zip(kinds.items(), zip(*found))
        },
        "rows": {"arrow": table.num_rows, "pandas": len(frame), "footer": pq.read_metadata(path).num_rows},
    },
    sys.stdout,
)
