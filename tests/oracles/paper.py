"""Cases worked out on paper: small tables of rows, a question, and the table that must come out.

In both tables a dash is a null. In answers shares are written as fractions, ``_`` stands for a blank in a label, yes and no for true and
false.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Generic, TypeVar

from tests.oracles import funnel, retention
from tests.oracles.events import Step, table
from tests.oracles.funnel import Funnel
from tests.oracles.retention import Retention

Question = TypeVar("Question", Funnel, Retention)


@dataclass(frozen=True)
class Case(Generic[Question]):
    """A case worked out by hand: its rows, with wall clock times in `zone`, ties broken by the column `tie`."""

    name: str
    rows: str
    question: Question
    answer: str
    zone: str = "UTC"
    tie: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The answer's columns."""
        return (*self.question.by, *(funnel.COLUMNS if isinstance(self.question, Funnel) else retention.COLUMNS))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell the answer's rows apart."""
        return (*self.question.by, *(("step",) if isinstance(self.question, Funnel) else ("cohort", "period")))

    def source(self) -> list[dict[str, Any]]:
        """Return the rows; a column ``seq`` holds numbers."""
        rows = table(self.rows, self.zone)
        return [row | {"seq": int(row["seq"])} if "seq" in row else row for row in rows]

    def expected(self) -> list[dict[str, Any]]:
        """Return the rows of the answer; the columns of a split hold text."""
        texts = len(self.question.by)
        answer = [line.split() for line in self.answer.strip().splitlines()]
        return [dict(zip(self.columns, [cell(c, place < texts) for place, c in enumerate(line)], strict=True)) for line in answer]


def asks(*names: str, **options: Any) -> Funnel:
    """Return a funnel over plain names; "cart?" is an optional step."""
    return Funnel(tuple(Step((n.rstrip("?"),), optional=n.endswith("?")) for n in names), **options)


def cell(written: str, as_text: bool = False) -> Any:
    """Read one cell of an answer.

    Examples
    --------
    >>> [cell("2/4"), cell("-"), cell("2_steps"), cell("yes"), cell("2024-03-10")]
    [0.5, None, '2 steps', True, datetime.date(2024, 3, 10)]
    """
    if written == "-":
        return None
    if as_text:
        return written.replace("_", " ")
    if written in ("yes", "no"):
        return written == "yes"
    for read in (lambda w: float(Fraction(w)), date.fromisoformat):
        try:
            return read(written)
        except ValueError:
            continue
    return written.replace("_", " ")
