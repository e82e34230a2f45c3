r"""Stickiness: in how many days of a week, or of a month, people are active.

With d(p, w) the number of periods in which person p did it in window w of the calendar,

.. math:: \text{people}_n = |\{(p, w) : d(p, w) = n\}|, \quad n \ge 1

A person counts once in each window in which they were active. The mean of n over all of them, divided by the periods of a window, is the share of a
window's people who are active on its average day: what is known as DAU / WAU and DAU / MAU, taken over active people.

Split by something, a person is in each window of one group: that of the first of the events looked at by which they are active in it.

Source: the project's own definition, docs/reference/questions/stickiness.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from tilth.analysis.behaviour import periods, tallies
from tilth.analysis.result import check_top, choice
from tilth.analysis.steps import AnyStep
from tilth.engine import clock
from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events


@dataclass(frozen=True)
class StickinessOptions:
    """What stickiness can be asked.

    Parameters
    ----------
    event : step, optional
        By what people are active; None is any event.
    period : {"day", "week"}
        What is counted.
    over : {"week", "month"}
        In which window it is counted; longer than `period`.
    by : column or columns, optional
        Split by the values on the person's first event of the window by which they are active.
    top : int, optional
        Keep so many groups, those with most people, each counted once for each window, and put the others together.
    """

    event: AnyStep | None = None
    period: Literal["day", "week"] = "day"
    over: Literal["week", "month"] = "week"
    by: str | Sequence[str] | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        check_top(self.top, self.by)
        choice(self.period, clock.PERIODS, "period")
        choice(self.over, clock.PERIODS, "over")
        if clock.PERIODS.index(self.period) >= clock.PERIODS.index(self.over):
            raise InputError(
                _("period={period} and over={over}: a window must be longer than what is counted in it, such as days over a week.").format(
                    period=repr(self.period), over=repr(self.over)
                )
            )
        periods.refuse_optional(self.event)


class Stickiness(tallies.Tallied):
    """The answer to stickiness.

    Attributes
    ----------
    frame : DataFrame
        After any `by` columns: active_periods (from 1), people (each once for each window in which they were active in so many periods); numbers
        that do not occur have no row.
    left_out : int
        Rows of the source without a person or a time.
    """

    column = "active_periods"
    own = ("active_periods", "window")

    def __init__(self, events: Events, options: StickinessOptions) -> None:
        self.options = options
        self._ask(events, (options.event, options.over, options.period), options.by, options.top)

    def people(self, active_periods: int | None = None, window: Any = None, **by: Any) -> PersonSet:
        """Return the people who were active in so many periods (None: any number) of a window (a time in it; None: of any)."""
        return self._people(active_periods, None, window, by)

    def title(self) -> str:  # noqa: D102
        return _("Stickiness: {event}").format(event=periods.name_of(self.options.event))

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("A person counts once for each {over} in which they did it, at the number of its {period}s in which they did.").format(
                over=periods.called(self.options.over), period=periods.called(self.options.period)
            ),
            *([_("Their group is that of their first such event in it.")] if self.by else []),
            _("Left out: {count} rows without a person or a time.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: people by active periods as bars, or, split by something, a line of shares a group."""
        if not self.by:
            return draw(self.frame)
        most = int(self.frame["active_periods"].max()) if len(self.frame) else 0
        return tallies.draw_shares(self.frame, self.by, "active_periods", [str(n) for n in range(1, most + 1)])


def gapless(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with a row for every number up to the highest, 0 people where nobody came to it."""
    filled = frame.set_index("active_periods")["people"]
    return filled.reindex(range(1, int(filled.index.max()) + 1 if len(filled) else 1), fill_value=0).rename_axis("active_periods").reset_index()


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of people by active periods."""
    drawn = gapless(frame)
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [str(n) for n in drawn["active_periods"]]},
        "yAxis": {"type": "value", "min": 0},
        "series": [{"type": "bar", "name": _("People"), "data": drawn["people"].tolist(), "label": {"show": len(drawn) <= 12, "position": "top"}}],
    }
