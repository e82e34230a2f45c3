r"""Frequency: how many people did it once, twice, three times.

With c(p, w) the number of person p's events in window w, which is everything that is looked at or each period of the calendar,

.. math:: \text{people}_n = |\{(p, w) : c(p, w) = n\}|, \quad n \ge 1

Split by something, a person is in each window of one group: that of the first of the events looked at that are counted in it.

Source: the project's own definition, docs/reference/questions/frequency.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from tilth.analysis.behaviour import periods, tallies
from tilth.analysis.result import NoSuchCell, check_top, choice
from tilth.analysis.steps import AnyStep
from tilth.engine import clock
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
    by : column or columns, optional
        Split by the values on the person's first event that is counted, in each period.
    top : int, optional
        Keep so many groups, those with most people, each counted once for each period, and put the others together.
    """

    event: AnyStep | None = None
    period: Literal["day", "week", "month"] | None = None
    by: str | Sequence[str] | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        check_top(self.top, self.by)
        choice(self.period, (None, *clock.PERIODS), "period")
        periods.refuse_optional(self.event)


class Frequency(tallies.Tallied):
    """The answer to frequency.

    Attributes
    ----------
    frame : DataFrame
        After any `by` columns: times (from 1), people (those who did it so many times; by period, each once for each period); numbers that do not
        occur have no row.
    left_out : int
        Rows of the source without a person or a time.
    """

    column = "times"
    own = ("times", "at_least", "period")

    def __init__(self, events: Events, options: FrequencyOptions) -> None:
        self.options = options
        self._ask(events, (options.event, options.period, None), options.by, options.top)

    def people(self, times: int | None = None, at_least: int | None = None, period: Any = None, **by: Any) -> PersonSet:
        """Return the people who did it so many times, or at least so many, in a period (a time in it; None: in any)."""
        if period is not None and self.options.period is None:
            raise NoSuchCell(_("This frequency is counted over everything: ask it with period='day', 'week' or 'month' to choose one."))
        return self._people(times, at_least, period, by)

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
            *([_("Their group is that of the first of these events.")] if self.by else []),
            _("Left out: {count} rows without a person or a time.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: people by number of times as bars, the last of them for all from it on; split, a line of shares a group."""
        return tallies.draw_shares(self.frame, self.by, "times", named(folded(self.frame))) if self.by else draw(self.frame)


def folded(frame: pd.DataFrame) -> list[tuple[int, int, bool]]:
    """Return ``(times, people, and more)`` from 1 on, without gaps; the last row is of that many times and more where there are too many rows."""
    counts = frame.groupby("times")["people"].sum().to_dict()
    most = max(counts, default=0)
    if most <= MOST_BARS:
        return [(n, counts.get(n, 0), False) for n in range(1, most + 1)]
    rest = sum(people for times, people in counts.items() if times >= MOST_BARS)
    return [*((n, counts.get(n, 0), False) for n in range(1, MOST_BARS)), (MOST_BARS, rest, True)]


def named(bars: list[tuple[int, int, bool]]) -> list[str]:
    """Return what the numbers of times are called on an axis."""
    return [f"{n}+" if more else str(n) for n, _people, more in bars]


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of people by number of times."""
    bars = folded(frame)
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": named(bars)},
        "yAxis": {"type": "value", "min": 0},
        "series": [{"type": "bar", "name": _("People"), "data": [people for _n, people, _more in bars], "label": {"show": True, "position": "top"}}],
    }
