"""A small shop's export, for tests of the warehouse: a mapping and rows that are easy to check by eye."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace

COLUMNS = ("user", "ts", "action", "page")
FIRST = 1_730_000_000  # 2024-10-27 11:33:20 in Shanghai
DAY = 86_400
MAPPING = Mapping("events", {"person": Field("user"), "time": Field("ts", "unix_s"), "event": Field("action")})


def row(number: int, *, step: int = 60) -> tuple[str, str, str, str]:
    """Return the row of a number: users come in turn, one event every `step` seconds."""
    return (f"u{number % 7}", str(FIRST + number * step), ("view", "cart", "buy")[number % 3], f"p{number}")


def write(
    path: Path, rows: Iterable[Sequence[Any]], *, header: Sequence[str] | None = COLUMNS, encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    """Write rows to a delimited file."""
    with path.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out, delimiter=delimiter)
        if header is not None:
            writer.writerow(header)
        writer.writerows(rows)
    return path


def stored(workspace: Workspace, table: str = "events", version: int | None = None) -> pa.Table:
    """Return a table's rows in the order of their seq."""
    return workspace.relation(table, version=version).order("seq").to_arrow_table()


def figures(workspace: Workspace) -> list[Any]:
    """Return what must be as it was after a load that did not happen: rows and files of every table, loads, quarantine."""
    status = workspace.status()
    return [status[["table", "rows", "files"]].to_dict("records"), len(workspace.loads()), len(workspace.quarantine())]
