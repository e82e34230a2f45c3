"""A table's files as SQL: what DuckDB reads of a Delta table.

Spark is handed the same files. A table that was upgraded has older files without its newer columns; they read as null.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from tilth.engine.conditions import literal, quoted
from tilth.warehouse.delta import COLUMNS_MARK, Delta
from tilth.warehouse.loading.fitting import duck


def rows(connection: Any, table: Delta, version: int | None = None) -> str:
    """Return SQL for a table's rows in its stored columns, for a ``FROM``; no rows while it was never written."""
    found = table.files(version)[1]
    if not found:
        return none(table.arrow)
    return of_files(connection, [file.path for file in found], table.arrow, mixed=table.remembered("mixed", _is_mixed))


def _is_mixed(handle: DeltaTable | None) -> bool:
    """Whether columns were added to the table at any time: then a version of it may hold files that lack some."""
    return handle is not None and bool(handle.transaction_version(COLUMNS_MARK))


def none(arrow: pa.Schema) -> str:
    """Return SQL for no rows in the columns of `arrow`."""
    typed = ", ".join(f"CAST(NULL AS {duck(field.type)}) AS {quoted(field.name)}" for field in arrow)
    return f"(SELECT {typed} WHERE FALSE)"


def of_files(connection: Any, paths: Sequence[str], arrow: pa.Schema, *, mixed: bool = True) -> str:
    """Return SQL for the rows of some files in the columns of `arrow`; `mixed`: some files may lack columns."""
    listed = ", ".join(literal(path) for path in paths)
    months = "hive_partitioning = true, hive_types = {'month': VARCHAR}" if "month" in arrow.names else "hive_partitioning = false"
    read = f"read_parquet([{listed}], {months}, union_by_name = {str(mixed).lower()})"
    there = set(connection.sql(f"FROM {read}").columns) if mixed else set(arrow.names)
    columns = ", ".join(quoted(field.name) if field.name in there else f"CAST(NULL AS {duck(field.type)}) AS {quoted(field.name)}" for field in arrow)
    return f"(SELECT {columns} FROM {read})"


def pointer(name: str) -> str:
    """Return the JSON pointer of a property in ``properties``.

    >>> pointer("a/b")
    '/a~1b'
    """
    return "/" + name.replace("~", "~0").replace("/", "~1")
