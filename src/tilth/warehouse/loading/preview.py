"""What a mapping makes of a source's first rows, and what it cannot read, before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from tilth.engine.conditions import literal, quoted
from tilth.engine.sources import connect
from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.loading import values
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.sniff import Format, sniff

TZ = "Asia/Shanghai"


def preview(path: str | Path, format: Format, mapping: Mapping, rows: int = 20, tz: str = TZ) -> pd.DataFrame:
    """Return the first rows of a source as they would be loaded.

    Parameters
    ----------
    path : str or Path
        The source; read only when `format` holds no sample.
    format : Format
        How it is written.
    mapping : Mapping
        How its rows become lines.
    rows : int
        Number of rows, at most those that `format` holds.
    tz : str
        Time zone of times without offset where the mapping names none, and of the times shown.

    Returns
    -------
    pandas.DataFrame
        ``row`` (from 1), ``line`` ("row" or "refund"), the table's columns that the mapping fills, and ``fault``: why the row would go to the
        quarantine, or None.

    Raises
    ------
    UnknownColumn
        When the mapping reads a column that the source does not have.
    """
    if not format.sample:
        format = sniff(path)
    mapping.check(format.columns)
    zone = mapping.tz or tz
    with connect(zone) as connection:
        _register(connection, format, rows)
        lines = [connection.sql(_line(mapping, number, zone)).to_arrow_table().to_pandas() for number in range(len(mapping.lines))]
    frame = pd.concat(lines, ignore_index=True) if len(lines) > 1 else lines[0]
    return frame.sort_values(["row", "line"], ascending=[True, False], kind="stable", ignore_index=True)


def faulty(format: Format, mapping: Mapping, tz: str = TZ) -> dict[str, int]:
    """Return how many of the sampled rows each column of the table would send to the quarantine, where there are any."""
    table = schema.TABLES[mapping.table]
    zone = mapping.tz or tz
    targets = list(mapping.fields)
    counts = ", ".join(f"count(*) FILTER (WHERE {_fault(mapping, 0, target, zone)} IS NOT NULL)" for target in targets)
    with connect() as connection:
        connection.execute("PRAGMA disable_optimizer")  # it takes longer than the rows
        _register(connection, format, len(format.sample))
        found = connection.execute(f"SELECT {counts} FROM source").fetchone()  # noqa: S608  # names and literals are quoted
    assert found is not None
    assert table.columns
    return {target: count for target, count in zip(targets, found, strict=True) if count}


def _register(connection: Any, format: Format, rows: int) -> None:
    sample = format.sample[:rows]
    columns = [pa.array([row[at] for row in sample], pa.string()) for at in range(len(format.columns))]
    names = [*format.columns, _ROW]
    connection.register("source", pa.table([*columns, pa.array(range(1, len(sample) + 1), pa.int64())], names=names))


_ROW = "row of the preview"  # no export calls a column so


def _line(mapping: Mapping, number: int, tz: str) -> str:
    fields = mapping.lines[number]
    table = schema.TABLES[mapping.table]
    shown = [f"{_value(mapping, number, column.name, tz)} AS {quoted(column.name)}" for column in table.columns if column.name in fields]
    faults = ", ".join(_fault(mapping, number, target, tz) for target in fields)
    line = "row" if number == 0 else "refund"
    refunded = f"coalesce({_value(mapping, number, 'amount', tz)}, 0) <> 0" if number else ""
    only = "" if number == 0 else f" WHERE {refunded} OR {_fault(mapping, number, 'amount', tz)} IS NOT NULL"
    return (
        f"SELECT {quoted(_ROW)} AS row, {literal(line)} AS line, {', '.join(shown)},"  # noqa: S608  # names and literals are quoted
        f" nullif(concat_ws('; ', {faults}), '') AS fault FROM source{only} ORDER BY row"
    )


def _value(mapping: Mapping, number: int, target: str, tz: str) -> str:
    column = schema.TABLES[mapping.table].column(target)
    return values.sql(mapping.lines[number][target], column.type, tz, line=f"'row ' || {quoted(_ROW)}")


def _fault(mapping: Mapping, number: int, target: str, tz: str) -> str:
    """Return SQL for what is wrong with one column of a row, NULL when nothing is."""
    column = schema.TABLES[mapping.table].column(target)
    one = mapping.lines[number][target]
    source = " + ".join(one.sources)
    unread = _("{source} cannot be read as {target} ({kind})").format(source=source, target=target, kind=one.kind)
    fault = f"WHEN {values.fault(one, column.type, tz)} THEN {literal(unread)}"
    if column.required:
        missing = _("{target} is missing").format(target=target)
        fault += f" WHEN {_value(mapping, number, target, tz)} IS NULL THEN {literal(missing)}"
    return f"CASE {fault} END"
