"""The first rows of a file, and what a mapping would make of them: the loader's own reading and fitting, on a thousand rows, written nowhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather

from tilth.engine.sources import connect
from tilth.warehouse.loading import reading
from tilth.warehouse.loading.fitting import FIT, REFUND, ROW, Fitting
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.quarantine import readable
from tilth.warehouse.loading.reading import Broken
from tilth.warehouse.loading.sniff import Format
from tilth.workbench.data import faults

ROWS = 1000


@dataclass(frozen=True)
class Head:
    """The first rows of a file as text, with their numbers; those that could not be taken apart; whether some text is unreadable."""

    rows: pa.Table
    broken: tuple[Broken, ...]
    marked: bool
    json_lines: bool

    @property
    def count(self) -> int:
        """How many rows it holds, broken ones among them."""
        return int(self.rows.num_rows) + len(self.broken)


@dataclass(frozen=True)
class Tried:
    """A row as it would be loaded, or the reason why it would be kept aside: `values` by column of the table, `bad` the column at fault."""

    row: int
    values: dict[str, str]
    bad: str | None = None
    reason: str | None = None
    fault: str | None = None
    refunded: bool = False


@dataclass(frozen=True)
class Trial:
    """What a mapping makes of the first rows.

    Attributes
    ----------
    rows : list of Tried
        In the order of the file.
    reasons : list of (str, str or None, int)
        Fault, column and rows, the most frequent first.
    """

    rows: list[Tried]
    reasons: list[tuple[str, str | None, int]] = field(default_factory=list)

    @property
    def aside(self) -> list[Tried]:
        """The rows that would be kept aside."""
        return [one for one in self.rows if one.reason]

    @property
    def fitting(self) -> int:
        """How many would be loaded."""
        return len(self.rows) - len(self.aside)

    @property
    def faults(self) -> dict[str, int]:
        """Rows kept aside for each column of the table."""
        return dict(Counter(one.bad for one in self.rows if one.bad))


def head(path: Path, form: Format) -> Head:
    """Read the first rows of a file."""
    reader = reading.reader_of(path, form)
    given = next(iter(reader.pieces()), None)
    if given is None:
        return Head(pa.table({**dict.fromkeys(form.columns, pa.array([], pa.string())), ROW: pa.array([], pa.int64())}), (), False, reader.json_lines)
    piece = reader.parse(given)
    rows = piece.numbered(0)
    rows = rows.filter(pc.less_equal(rows.column(ROW), ROWS)).sort_by(ROW)
    if (view := reader.view("piece")) != "piece":
        connection = connect()
        connection.register("piece", rows)
        rows = connection.sql(f"FROM {view}").to_arrow_table()
    first = piece.first(0)
    return Head(rows, tuple(one for one in piece.broken if first + one.offset <= ROWS), piece.marked, reader.json_lines)


def keep(file: Path, given: Head) -> None:
    """Write the first rows beside the file they are of."""
    about = {"broken": [asdict(one) for one in given.broken], "marked": given.marked, "json_lines": given.json_lines}
    pa.feather.write_feather(given.rows.replace_schema_metadata({"head": json.dumps(about)}), str(file), compression="uncompressed")
    file.chmod(0o600)


def kept(file: Path) -> Head:
    """Read what :func:`keep` wrote."""
    rows = pa.feather.read_table(str(file), memory_map=False)
    about = json.loads(rows.schema.metadata[b"head"])
    return Head(rows, tuple(Broken(**one) for one in about["broken"]), about["marked"], about["json_lines"])


def trial(given: Head, columns: tuple[str, ...], mapping: Mapping, tz: str) -> Trial:
    """Return what a mapping makes of the first rows of a file.

    Raises
    ------
    UnknownColumn
        When the mapping reads a column that the file does not have.
    """
    mapping.check(columns)
    fitting = Fitting(mapping, columns, tz, "trial", json_lines=given.json_lines)
    connection = connect(tz)
    connection.execute("PRAGMA disable_optimizer")  # as in loading; here it takes longer than the rows
    connection.register("piece", given.rows)
    rows = connection.sql(fitting.apart("piece")).to_arrow_table() if given.json_lines else given.rows
    connection.register("tidy", fitting.tidy(rows))
    fit = connection.sql(fitting.accepted("tidy", marked=given.marked)).to_arrow_table()
    others = fit.filter(pc.invert(fit.column(FIT))).column(ROW)
    connection.register("others", rows.filter(pc.is_in(rows.column(ROW), value_set=others.combine_chunks())))
    refused = connection.sql(fitting.refused("others", marked=given.marked)).to_arrow_table().to_pylist()
    broken = [
        {"row": one.offset + 1, "fault": one.fault, "value": one.value, "column": None, "source": None, "fields": one.fields, "line": one.line}
        for one in given.broken
    ]
    tried = [*_fitting(fit.filter(fit.column(FIT)), mapping, ZoneInfo(tz)), *(_refused(one, mapping) for one in (*refused, *broken))]
    counted = Counter((one["fault"], one["column"]) for one in (*refused, *broken))
    return Trial(sorted(tried, key=lambda one: (one.row, one.refunded)), [(fault, column, n) for (fault, column), n in counted.most_common()])


def _fitting(fit: pa.Table, mapping: Mapping, zone: ZoneInfo) -> Iterator[Tried]:
    refunds = [name for name in mapping.refund if REFUND + name in fit.column_names]
    for one in fit.to_pylist():
        values = {target: text(one[target], zone) for target in mapping.fields}
        yield Tried(one[ROW], values)
        if refunds and one[REFUND + "amount"]:
            yield Tried(one[ROW], values | {name: text(one[REFUND + name], zone) for name in refunds}, refunded=True)


def _refused(one: dict[str, Any], mapping: Mapping) -> Tried:
    fields = one["fields"]
    given: dict[str, Any] = json.loads(fields) if isinstance(fields, str) else fields or {}
    values = {target: " ".join(readable(str(given[name])) for name in each.sources if given.get(name)) for target, each in mapping.fields.items()}
    return Tried(one["row"], values, one["column"], faults.told(one), one["fault"])


def text(value: Any, zone: ZoneInfo) -> str:
    """Return a stored value as it is shown.

    >>> text(Decimal("428.0000"), ZoneInfo("UTC")), text(None, ZoneInfo("UTC")), text(Decimal("-59.5000"), ZoneInfo("UTC"))
    ('428', '', '-59.5')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return readable(str(value))
