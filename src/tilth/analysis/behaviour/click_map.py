r"""Click map: where on a page people click, by element, so that it can be drawn over the page at any width.

A click c has the path of its element and its place in the element's box, x_c and y_c from 0 (left, top) to 1. With n bins on each side, it lies in

.. math:: i(c) = \min(\lfloor n x_c \rfloor, n - 1) + 1, \qquad j(c) = \min(\lfloor n y_c \rfloor, n - 1) + 1

A page is laid out otherwise at every width, and has been scrolled: its elements are what stays. Whoever draws the map looks up each element and puts
the bins into the box that it has now. ``widths`` keeps the clicks made at some widths of the window, such as those of phones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import page_events
from tilth.analysis.behaviour.page_events import Widths
from tilth.analysis.result import Groups, NoSuchCell, Result
from tilth.analysis.sampling import OFTEN, ONCE, squares_of
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep
from tilth.engine.kernels.cells import people_of
from tilth.engine.partial import PERSONS, Partial
from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

ELEMENT, X, Y = "element", "x", "y"
MOST_BINS = 100
DRAWN = 20


@dataclass(frozen=True)
class ClickMapOptions:
    """What a click map can be asked.

    Parameters
    ----------
    page : str, optional
        The path of the page, such as ``/cart``; None for all pages together.
    bins : int
        Bins on each side of an element's box.
    widths : (int or None, int or None)
        Widths of the window in pixels, from the first up to but without the second; None for no bound.
    event : step
        What a click is called.
    """

    page: str | None = None
    bins: int = 10
    widths: Widths = (None, None)
    event: AnyStep = "click"

    def __post_init__(self) -> None:
        if not 1 <= self.bins <= MOST_BINS:
            raise InputError(_("bins={given}: give a number from 1 to {most}.").format(given=self.bins, most=MOST_BINS))
        page_events.check_widths(self.widths)


@dataclass(frozen=True)
class Clicks(Partial):
    """The clicks that are looked at.

    Attributes
    ----------
    people : ndarray of uint32, shape (clicks,)
    element : Split
    x, y : ndarray of float64, shape (clicks,)
        The place in the element's box, 0 to 1.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    element: Split
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class ClickMap(Result):
    """The answer to a click map.

    Attributes
    ----------
    frame : DataFrame
        element, x, y (bins from 1, from the left and from the top), clicks, people (who clicked there); only bins with clicks, those of the element
        with most clicks first.
    elements : DataFrame
        element, clicks, people, share (of all clicks); the element with most clicks first.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"clicks": OFTEN, "people": ONCE}, "elements": {"clicks": OFTEN, "people": ONCE}}

    def __init__(self, events: Events, options: ClickMapOptions | None = None) -> None:
        self.options = options or ClickMapOptions()
        answer = events.ask(compute, self.options)
        self._clicks, self._directory, self.left_out = answer.found, answer.directory, answer.left_out
        groups = Groups([ELEMENT], self._clicks.element.codes, self._clicks.element.values)
        self._names, self._rank = _most_first(groups)
        self._cells, self._cell = np.unique(_cells(self._rank, self._clicks, self.options.bins), return_inverse=True)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        bins, count = self.options.bins, len(self._cells)
        return pd.DataFrame({
            ELEMENT: self._names.take(self._cells // bins**2).to_numpy(),
            X: self._cells % bins + 1,
            Y: self._cells // bins % bins + 1,
            "clicks": np.bincount(self._cell, minlength=count),
            "people": people_of(self._cell, self._clicks.people, count),
        })  # fmt: skip

    @cached_property
    def elements(self) -> pd.DataFrame:
        """Clicks and people of each element."""
        count = len(self._names)
        clicks = np.bincount(self._rank, minlength=count)
        people = people_of(self._rank, self._clicks.people, count)
        return pd.DataFrame({ELEMENT: self._names.to_numpy(), "clicks": clicks, "people": people, "share": clicks / max(len(self._rank), 1)})

    def people(self, element: str | None = None, x: int | None = None, y: int | None = None) -> PersonSet:
        """Return the people who clicked on an element (None: on any), in a bin of it if `x` and `y` are given."""
        chosen = np.ones(len(self._rank), np.bool_)
        if element is not None:
            found = np.flatnonzero(self._names.to_numpy() == element)
            if not len(found):
                raise NoSuchCell(_("Nobody clicked on {element}.").format(element=element))
            chosen &= self._rank == found[0]
        for given, places in ((x, self._clicks.x), (y, self._clicks.y)):
            if given is not None:
                if not 1 <= given <= self.options.bins:
                    raise NoSuchCell(_("There is no bin {bin}: they are numbered from 1 to {last}.").format(bin=given, last=self.options.bins))
                chosen &= _bin(places, self.options.bins) == given - 1
        return PersonSet(np.unique(self._clicks.people[chosen]), self._directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        cell, count = (self._cell, len(self._cells)) if table == "frame" else (self._rank, len(self._names))
        return squares_of(cell, self._clicks.people, count)

    def title(self) -> str:  # noqa: D102
        return _("Clicks: {page}").format(page=self.options.page or _("all pages"))

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("Every click counts on the element that was hit, by its place in the element's box."),
            _("The box has {bins} bins from left to right and as many from the top.").format(bins=self.options.bins),
            *page_events.of_widths(self.options.widths),
            _("Left out: {count} rows without a person or a time.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: the elements with most clicks as bars."""
        return draw(self.elements)


def compute(events: Events, options: ClickMapOptions) -> Clicks:
    """Return the clicks that are looked at; those without an element or a place in it are not."""
    history, found = events.history, page_events.found(events, options.event, options.page, options.widths)
    element = Split.at(history, [ELEMENT], found.places)
    x, y = (page_events.numbers(history, name, found.places) for name in (X, Y))
    kept = (element.codes[:, 0] >= 0) & ~np.isnan(x) & ~np.isnan(y)
    return Clicks(found.people[kept].astype(np.uint32), element.taken(kept).lean(), x[kept], y[kept])


def draw(elements: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of the elements with most clicks."""
    shown = elements.head(DRAWN)
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0},
        "yAxis": {"type": "category", "inverse": True, "data": shown[ELEMENT].tolist()},
        "series": [{"type": "bar", "name": _("Clicks"), "data": shown["clicks"].tolist()}],
    }


def _most_first(groups: Groups) -> tuple[pd.Series, NDArray[np.int64]]:
    """Return the elements, those with most clicks first and else by name, and each click's place among them."""
    counts = np.bincount(groups.number, minlength=len(groups)) if len(groups.number) else np.empty(0, np.int64)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return groups.frame[ELEMENT].iloc[order].reset_index(drop=True), rank[groups.number] if len(groups.number) else np.empty(0, np.int64)


def _cells(rank: NDArray[np.int64], clicks: Clicks, bins: int) -> NDArray[np.int64]:
    return (rank * bins + _bin(clicks.y, bins)) * bins + _bin(clicks.x, bins)


def _bin(places: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    return np.clip(np.floor(places * bins), 0, bins - 1).astype(np.int64)
