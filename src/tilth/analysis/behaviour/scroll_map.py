r"""Scroll map: how far down a page is seen.

A view v of a page tells its depth, the part of the page's height that was seen, once or several times; d_v is the largest. With n bands of equal
height from the top, a band counts as seen when its beginning was:

.. math:: \text{views}_k = \left|\left\{v : d_v > \tfrac{k - 1}{n}\right\}\right| \qquad k = 1, \dots, n

Depth is a part of the page, not pixels, because a page is longer on a narrow window. ``widths`` keeps the views at some widths of the window.
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
from tilth.analysis.result import NoSuchCell, Result
from tilth.analysis.sampling import OFTEN, ONCE, squares_of
from tilth.analysis.steps import AnyStep
from tilth.engine.kernels.cells import people_of
from tilth.engine.partial import PERSONS, Partial
from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

VIEW, DEPTH = "view", "depth"
MOST_BANDS = 100


@dataclass(frozen=True)
class ScrollMapOptions:
    """What a scroll map can be asked.

    Parameters
    ----------
    page : str, optional
        The path of the page, such as ``/cart``; None for all pages together.
    bands : int
        Bands from the top of the page to its end.
    widths : (int or None, int or None)
        Widths of the window in pixels, from the first up to but without the second; None for no bound.
    event : step
        What tells the depth of a view.
    """

    page: str | None = None
    bands: int = 10
    widths: Widths = (None, None)
    event: AnyStep = "scroll"

    def __post_init__(self) -> None:
        if not 1 <= self.bands <= MOST_BANDS:
            raise InputError(_("bands={given}: give a number from 1 to {most}.").format(given=self.bands, most=MOST_BANDS))
        page_events.check_widths(self.widths)


@dataclass(frozen=True)
class Views(Partial):
    """The deepest place of each view.

    Attributes
    ----------
    people : ndarray of uint32, shape (views,)
    depth : ndarray of float64, shape (views,)
        0 to 1.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    depth: NDArray[np.float64]


class ScrollMap(Result):
    """The answer to a scroll map.

    Attributes
    ----------
    frame : DataFrame
        band (from 1), from_depth, to_depth (parts of the page's height), views (that saw its beginning), people (who did), share (of all views).
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"views": OFTEN, "people": ONCE}}

    def __init__(self, events: Events, options: ScrollMapOptions | None = None) -> None:
        self.options = options or ScrollMapOptions()
        answer = events.ask(compute, self.options)
        self._views, self._directory, self.left_out = answer.found, answer.directory, answer.left_out

    @cached_property
    def _seen(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Every band that a view saw, from 0, and whose view it was."""
        view, band = np.nonzero(self._views.depth[:, None] > np.arange(self.options.bands) / self.options.bands)
        return band, self._views.people[view]

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        bands, (band, people) = self.options.bands, self._seen
        views = np.bincount(band, minlength=bands)
        share = views / len(self._views.depth) if len(self._views.depth) else np.full(bands, np.nan)
        edges = np.arange(bands + 1) / bands
        return pd.DataFrame({
            "band": np.arange(1, bands + 1), "from_depth": edges[:-1], "to_depth": edges[1:],
            "views": views, "people": people_of(band, people, bands), "share": share,
        })  # fmt: skip

    def people(self, band: int | None = None) -> PersonSet:
        """Return the people who saw the beginning of a band (None: who had a view at all)."""
        if band is None:
            return PersonSet(np.unique(self._views.people), self._directory)
        if not 1 <= band <= self.options.bands:
            raise NoSuchCell(_("There is no band {band}: they are numbered from 1 to {last}.").format(band=band, last=self.options.bands))
        return PersonSet(np.unique(self._seen[1][self._seen[0] == band - 1]), self._directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        return squares_of(*self._seen, self.options.bands)

    def title(self) -> str:  # noqa: D102
        return _("Scroll depth: {page}").format(page=self.options.page or _("all pages"))

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("Each view of the page counts by the deepest place that was seen, in every band whose beginning was."),
            *page_events.of_widths(self.options.widths),
            _("Left out: {count} rows without a person or a time.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: the share of views by band, from the top of the page down."""
        return draw(self.frame)


def compute(events: Events, options: ScrollMapOptions) -> Views:
    """Return the deepest place of each view; what names no view is one of its own."""
    found = page_events.found(events, options.event, options.page, options.widths)
    depth = page_events.numbers(events.history, DEPTH, found.places)
    kept = ~np.isnan(depth)
    places, people, depth = found.places[kept], found.people[kept], np.clip(depth[kept], 0, 1)
    codes = events.history.codes(VIEW)[0][places].astype(np.int64)
    named = np.where(codes >= 0, codes, -1 - np.arange(len(codes)))
    _each, first, number = np.unique(np.stack([people, named], axis=1), axis=0, return_index=True, return_inverse=True)
    deepest = np.zeros(len(first))
    np.maximum.at(deepest, number.ravel(), depth)
    return Views(people[first].astype(np.uint32), deepest)


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of the share of views by band."""
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [f"{depth:.0%}" for depth in frame["from_depth"]]},
        "series": [{"type": "bar", "name": _("Share of views"), "data": [None if np.isnan(share) else float(share) for share in frame["share"]]}],
    }
