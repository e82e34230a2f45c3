"""What a page shows of an answer, as plain data: figures, charts, tables and how they are counted. It can be kept, and shown again as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from tilth.analysis.display import tables, wording
from tilth.analysis.display.charts import height

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

SMALL = 100
"""People below whom a share says little: its row is greyed and not compared."""

Cells = Mapping[str, Any]
"""Which people a figure counts, as ``Result.people(**cell)`` takes them."""


@dataclass(frozen=True)
class Figure:
    """A key figure; `change` is signed text, `good` whether that is welcome, `people` whom it counts."""

    label: str
    value: str
    unit: str = ""
    change: str = ""
    good: bool | None = None
    note: str = ""
    people: Cells | None = None


@dataclass(frozen=True)
class Chart:
    """A chart: an ECharts option with what it shows in words; `span` of twelve columns; `beside` the tables rather than above them.

    `split`: it shows the groups that the question was split by, so it stands for the answer where there is room for one chart only.
    """

    title: str
    option: Mapping[str, Any]
    remark: str = ""
    span: int = 12
    height: int = 268
    beside: bool = False
    split: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: text, whom it counts, warmth from 1 to 8, whether its period is unfinished, whether its change is good, its series' colour."""

    text: str
    people: Cells | None = None
    heat: int | None = None
    unfinished: bool = False
    good: bool | None = None
    colour: int | None = None


@dataclass(frozen=True)
class Column:
    """A column's heading; `text` is set left, figures right; `group` begins a group of columns."""

    title: str
    text: bool = False
    group: bool = False


@dataclass(frozen=True)
class Row:
    """Cells; `total` sums up the others, `small` is too small a sample to compare."""

    cells: tuple[Cell, ...]
    total: bool = False
    small: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under headings; `notes` have to be known to read them, `warm` colours cells by their heat, `span` of twelve columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    notes: tuple[str, ...] = ()
    warm: bool = False
    span: int = 12

    @classmethod
    def of(cls, title: str, table: tables.Table) -> Table:
        """Return a table of the analysis floor under a title."""
        return cls(
            title,
            tuple(Column(one.title, one.text, one.group) for one in table.columns),
            tuple(Row(tuple(Cell(c.text, c.people, c.heat, c.unfinished) for c in row.cells), row.total) for row in table.rows),
            table.caption,
            table.notes,
            table.warm,
        )


@dataclass(frozen=True)
class Formula:
    """A formula among the words of a definition."""

    formula: str


Definition = tuple[str, tuple[str | Formula, ...]]
"""A term and what it means here."""


@dataclass(frozen=True)
class Answer:
    """All that the answer's regions show; `warnings` are what nobody may overlook who uses the figures."""

    figures: list[Figure] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    definition: list[Definition] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    empty: str = ""
    warnings: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return asdict(self)


def foremost(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the chart that stands for a whole answer, kept as data: the one that shows its split, else the first; None without any."""
    charts = answer["charts"]
    return next((one for one in charts if one["split"]), charts[0] if charts else None)


def coloured(option: dict[str, Any], catalogue: Catalogue, property: str, values: Iterable[Any]) -> None:
    """Give the series of a chart that are called like values of a property those values' colours."""
    numbers = {wording.value(value): catalogue.colour(property, None if pd.isna(value) else value) for value in values}
    for series in option["series"]:
        if series.get("name") in numbers:
            series["itemStyle"] = {"color": {"$token": f"cat-{numbers[series['name']]}"}}


def fitting(option: Mapping[str, Any]) -> int:
    """Return the height that a chart needs."""
    return height(dict(option))
