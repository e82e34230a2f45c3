"""What questions about calendar periods share: the events that count, the calendar of a source, and a period by a time in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.result import NoSuchCell
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep, BadStep, as_step, marked
from tilth.engine import clock, shards
from tilth.engine.kernels import periods as kernels
from tilth.engine.partial import Partial
from tilth.language import _

if TYPE_CHECKING:
    from tilth.analysis.events import Events


def refuse_optional(*given: AnyStep | None) -> None:
    """Refuse steps that may be left out, which only a funnel has."""
    for step in given:
        if step is not None and as_step(step).optional:
            raise BadStep(_("Only a step of a funnel may be left out: leave out optional=True here."))


@dataclass(frozen=True)
class Marks:
    """The arrays by which kernels know an event: bit k of ``bits[codes[i]]`` says whether it fills step k, ``keep[i]`` whether it is looked at."""

    codes: NDArray[Any]
    bits: NDArray[np.uint32]
    keep: NDArray[np.bool_]


def marks(events: Events, *steps: AnyStep | None) -> Marks:
    """Return which of the steps each event of the whole history fills, and which events are looked at. Every event fills None."""
    keep = np.empty(0, np.bool_) if events.keep is None else events.keep
    if all(step is None for step in steps):
        return Marks(np.empty(0, np.uint8), np.ones(1, np.uint32), keep)
    return Marks(*marked(events.history, [None if step is None else as_step(step) for step in steps]), keep)


def name_of(step: AnyStep | None) -> str:
    """Return what a step is called."""
    return as_step(step).name if step is not None else _("any event")


def split(events: Events, by: list[str], marks: Marks, people: NDArray[Any], begins: NDArray[np.int64]) -> Split:
    """Return the values of columns on the first event that counts of each of some people, ascending, from an instant on."""
    whole, places = events.history.timeline, people.astype(np.int64)  # without columns nobody looks which places they are
    if by:

        def shard(first: int, last: int) -> NDArray[np.int64]:
            return kernels.first_places(  # type: ignore[no-any-return]
                whole.offsets, whole.times, marks.codes, marks.bits, marks.keep, people, begins, first, last
            )

        places = np.concatenate([np.empty(0, np.int64), *shards.run(shard, np.arange(len(people) + 1))])
    return Split.at(events.history, by, places)


@dataclass(frozen=True)
class Extent(Partial):
    """The instants of the first and of the last event of each part of the people; of a part without any there is none."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]


def extent(events: Events) -> Extent:
    """Return the instants of the first and the last of the events looked at."""
    timeline, keep = events.history.timeline, events.keep
    if keep is None:
        return Extent(*np.array(timeline.span if len(timeline) else (), np.int64).reshape(2, -1))
    found = shards.run(lambda a, b: kernels.extent(timeline.offsets, timeline.times, keep, a, b), timeline.offsets)
    ends = np.array([part for part in found if part[0] <= part[1]], np.int64).reshape(-1, 2)
    return Extent(ends[:, 0], ends[:, 1])


def calendar(period: str, events: Events, span: tuple[int, int]) -> clock.Calendar:
    """Return the periods from the source's first event to its last, of which `span` tells; of a source without any, the one of 1970's first day."""
    return clock.Calendar(period, events.tz, *span, events.week_start)


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
