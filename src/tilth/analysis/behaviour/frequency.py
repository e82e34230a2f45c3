r"""Frequency: how many people did it once, twice, three times.

With c(p, w) the number of person p's events in window w, which is everything that is looked at or each period of the calendar,

.. math:: \text{people}_n = |\{(p, w) : c(p, w) = n\}|, \quad n \ge 1

Source: the project's own definition, docs/reference/questions/frequency.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods, tallies
from tilth.analysis.result import NoSuchCell, Result, choice
from tilth.analysis.sampling import OFTEN
from tilth.analysis.steps import AnyStep
from tilth.engine import clock
from tilth.engine.partial import Answer
from tilth.engine.people import PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

MOST_BARS = 10
"""Numbers that the chart and the table show one by one; the last of them stands for all from it on."""


@dataclass(frozen=True)
class FrequencyOptions:
    """What frequency can be asked.

    Parameters
    ----------
    event : step, optional
        What is counted; None is any event.
    period : {"day", "week", "month"}, optional
        Count in each period; None counts over everything looked at.
    """

    event: AnyStep | None = None
    period: Literal["day", "week", "month"] | None = None

    def __post_init__(self) -> None:
        choice(self.period, (None, *clock.PERIODS), "period")
        periods.refuse_optional(self.event)


class Frequency(Result):
    """The answer to frequency.

    Attributes
    ----------
    frame : DataFrame
        times (from 1), people (those who did it so many times; by period, each once for each period); numbers that do not occur have no row.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"people": OFTEN}}

    def __init__(self, events: Events, options: FrequencyOptions) -> None:
        self.options, self._events = options, events
        answer = events.ask(tallies.compute, options.event, options.period, None)
        self._histogram, self.left_out = answer.found, answer.left_out

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return self._histogram.frame("times")

    @cached_property
    def _each(self) -> Answer[tallies.Tallies]:
        return self._events.ask(tallies.each, self.options.event, self.options.period, None)

    def people(self, times: int | None = None, at_least: int | None = None, period: Any = None) -> PersonSet:
        """Return the people who did it so many times, or at least so many, in a period (a time in it; None: in any)."""
        each, length = self._each, self.options.period
        if period is not None and length is None:
            raise NoSuchCell(_("This frequency is counted over everything: ask it with period='day', 'week' or 'month' to choose one."))
        number = None if period is None or length is None else periods.number_of(period, periods.calendar(length, self._events, each.span))
        return PersonSet(each.found.chosen(times, at_least, number), each.directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        return self._each.found.squares(self.frame["times"].to_numpy())

    def title(self) -> str:  # noqa: D102
        return _("Frequency: {event}").format(event=periods.name_of(self.options.event))

    def meaning(self) -> str:  # noqa: D102
        counted = _("A person counts once, at the number of times they did it.")
        if self.options.period is not None:
            counted = _("A person counts once for each {period} in which they did it, at the number of times they did it there.").format(
                period=periods.called(self.options.period)
            )
        return paragraph(
            counted,
            _("Who never did it is not counted."),
            _("Left out: {count} rows without a person or a time.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: people by number of times as bars, the last of which stands for all from it on."""
        return draw(self.frame)


def folded(frame: pd.DataFrame) -> list[tuple[int, int, bool]]:
    """Return ``(times, people, and more)`` from 1 on, without gaps; the last row is of that many times and more where there are too many rows."""
    counts = dict(zip(frame["times"].tolist(), frame["people"].tolist(), strict=True))
    most = max(counts, default=0)
    if most <= MOST_BARS:
        return [(n, counts.get(n, 0), False) for n in range(1, most + 1)]
    rest = sum(people for times, people in counts.items() if times >= MOST_BARS)
    return [*((n, counts.get(n, 0), False) for n in range(1, MOST_BARS)), (MOST_BARS, rest, True)]


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of people by number of times."""
    bars = folded(frame)
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{n}+" if more else str(n) for n, _people, more in bars]},
        "yAxis": {"type": "value", "min": 0},
        "series": [{"type": "bar", "name": _("People"), "data": [people for _n, people, _more in bars], "label": {"show": True, "position": "top"}}],
    }
