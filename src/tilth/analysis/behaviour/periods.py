"""What questions about calendar periods share: the events that count, the calendar of a source, and a period by a time in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.result import NoSuchCell
from tilth.analysis.steps import AnyStep, BadStep, as_step, matches
from tilth.engine import clock
from tilth.engine.timeline import Timeline
from tilth.language import _

if TYPE_CHECKING:
    from tilth.analysis.events import Events


def refuse_optional(*given: AnyStep | None) -> None:
    """Refuse steps that may be left out, which only a funnel has."""
    for step in given:
        if step is not None and as_step(step).optional:
            raise BadStep(_("Only a step of a funnel may be left out: leave out optional=True here."))


def flags(events: Events, step: AnyStep | None, whole: bool = False) -> NDArray[np.bool_]:
    """Return for every event looked at, or of the `whole` source, whether it fills a step; an empty array for None, which every event fills."""
    if step is None:
        return np.empty(0, np.bool_)
    found = matches(events.history, as_step(step))
    return found if whole else events.kept(found)


def name_of(step: AnyStep | None) -> str:
    """Return what a step is called."""
    return as_step(step).name if step is not None else _("any event")


def extent(timeline: Timeline) -> tuple[int, int] | None:
    """Return the instants of the first and the last event, or None without any. Everyone's events ascend: a look at each one's ends is enough."""
    there = np.flatnonzero(np.diff(timeline.offsets))
    if not len(there):
        return None
    return int(timeline.times[timeline.offsets[there]].min()), int(timeline.times[timeline.offsets[there + 1] - 1].max())


def calendar(events: Events, period: str) -> clock.Calendar:
    """Return the periods from the source's first event to its last; of a source without any, the one of 1970's first day."""
    first, last = extent(events.history.timeline) or (0, 0)
    return clock.Calendar(period, events.tz, first, last, events.week_start)


def number_of(time: Any, among: clock.Calendar) -> int:
    """Return the number of the period that holds a time."""
    at = clock.instant(time, among.tz)
    if not among.bounds[0] <= at < among.bounds[-1]:
        raise NoSuchCell(_("No period of the result holds {time}.").format(time=time))
    return int(among.number(np.array([at], np.int64))[0])


def called(period: str) -> str:
    """Return the word for a period."""
    return {"day": _("day"), "week": _("week"), "month": _("month")}[period]


def written(at: pd.Timestamp, period: str) -> str:
    """Return a period as it stands in a table: its month, or its first day."""
    return f"{at:%Y-%m}" if period == "month" else f"{at:%Y-%m-%d}"
