"""Exports that overlap: rows whose key the table already has are left out of a load.

Only rows of earlier loads count. Rows of one file that share a key stay, all of them: lines of an order do.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import tempfile
import uuid
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from tilth.engine.conditions import literal
from tilth.engine.sources import database
from tilth.warehouse import scan
from tilth.warehouse.delta import DataFile, Delta, described, new_file

MEMORY = "512MB"  # beyond it DuckDB spills to disk


def without_known(table: Delta, handle: DeltaTable, files: list[DataFile], key: str) -> tuple[list[DataFile], int]:
    """Return a load's finished files without the rows whose `key` (SQL) the table has as `handle` sees it, and how many rows those were."""
    if not files:
        return files, 0
    connection = database()
    connection.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = {literal(tempfile.gettempdir())}")
    connection.execute(
        f"CREATE TABLE known AS SELECT DISTINCT {key} AS key FROM {scan.rows(connection, table, handle.version())} WHERE {key} IS NOT NULL"
    )
    kept: list[DataFile] = []
    left_out: set[int] = set()
    for file in files:
        rows = _rows([str(table.path / file.path)])
        known = connection.sql(f"SELECT row FROM {rows} WHERE {key} IN (SELECT key FROM known)").to_arrow_table()
        if known.num_rows:
            left_out.update(known.column("row").to_pylist())
            kept += _rewritten(connection, table, file, f"SELECT * FROM {rows} WHERE {key} IS NULL OR {key} NOT IN (SELECT key FROM known)")
        else:
            kept.append(file)
    return kept, len(left_out)


def _rewritten(connection: Any, table: Delta, file: DataFile, query: str) -> list[DataFile]:
    """Write what is left of a file to a new one and remove it; nothing when nothing is left."""
    arrow = pa.schema([field for field in table.arrow if field.name != "month"])
    path = f"{file.path.removesuffix('.parquet')}-{uuid.uuid4().hex[:8]}.parquet"
    with new_file(table.path / path, arrow) as out:
        for batch in connection.sql(query).to_arrow_reader(1 << 18):
            out.write_table(pa.Table.from_batches([batch]).cast(arrow))
    (table.path / file.path).unlink()
    finished = described(table.path, path, file.month)
    if finished.rows:
        return [finished]
    (table.path / path).unlink()
    return []


def _rows(paths: list[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = false)"
