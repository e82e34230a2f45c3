"""How figures of a sample are worded: as estimates about everybody, each with its error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

import pandas as pd

from tilth.analysis.display import wording
from tilth.analysis.display.cells import Cell, Table
from tilth.analysis.result import Result
from tilth.analysis.sampling import half_width
from tilth.language import _

_share: ContextVar[float] = ContextVar("tilth_share", default=1.0)
R = TypeVar("R", bound=Result)


@contextmanager
def asked_of(share: float) -> Iterator[None]:
    """Word figures as those of a sample of the people inside a ``with`` block.

    Examples
    --------
    >>> with asked_of(0.1):
    ...     people(400), people(0), count(1234.5)
    ('≈ 4,000 ± 372', '≈ 0', '≈ 12,345')
    >>> people(400)
    '400'
    """
    token = _share.set(share)
    try:
        yield
    finally:
        _share.reset(token)


def count(figure: Any, error: float | None = None) -> str:
    """Return a figure that grows with people: as it is where all were asked, else about everybody, with its error where that is known."""
    share = _share.get()
    if share == 1 or pd.isna(figure):
        return wording.count(figure)
    told = f"≈ {wording.count(round(float(figure) / share))}"
    return told if error is None or math.isnan(error) else f"{told} ± {wording.count(round(error))}"


def people(figure: Any) -> str:
    """Return a number of people, each counted once."""
    share = _share.get()
    return count(figure) if share == 1 or pd.isna(figure) else count(figure, float(half_width(float(figure), share)))


def people_cell(figure: Any, **cell: Any) -> Cell:
    """Return a cell that counts people: those of `cell`."""
    return Cell(people(figure), people={name: None if pd.isna(value) else value for name, value in cell.items()})


def errors(result: Result, column: str, table: str) -> list[float | None]:
    """Return the error of each row of a column in which a person may count several times; None for all where everybody was asked."""
    return [None] * len(getattr(result, table)) if result.share == 1 else result.scaled(table)[f"{column}_error"].tolist()


def estimating(make: Callable[..., Table]) -> Callable[..., Table]:
    """Have a table of a result word its figures as estimates, and say so below, where a sample was asked."""

    @wraps(make)
    def made(result: R, *given: Any, **named: Any) -> Table:
        with asked_of(result.share):
            table = make(result, *given, **named)
        return table if result.share == 1 else replace(table, notes=(*table.notes, remark(result.share)))

    return made


def remark(share: float) -> str:
    """Return what has to be known to read estimates."""
    return _("≈ Estimated from a sample of {share} of the people, ± the 95% error. The people behind a figure are those of the sample.").format(
        share=f"{share * 100:g}%"
    )
