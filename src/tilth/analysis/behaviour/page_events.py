"""What the maps of a page have in common: its events, of some widths of the window, and their properties as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import periods
from tilth.analysis.steps import AnyStep
from tilth.engine.history import History
from tilth.errors import InputError
from tilth.language import _

if TYPE_CHECKING:
    from tilth.analysis.events import Events

Widths = tuple[int | None, int | None]
PATH, WIDTH = "path", "viewport_width"


@dataclass(frozen=True)
class Found:
    """Events of a page.

    Attributes
    ----------
    places : ndarray of int64
        Where they stand in the history.
    people : ndarray of int64
        Whose they are.
    """

    places: NDArray[np.int64]
    people: NDArray[np.int64]


NOTHING = Found(np.empty(0, np.int64), np.empty(0, np.int64))


def found(events: Events, event: AnyStep, page: str | None, widths: Widths) -> Found:
    """Return the events looked at that fill a step, on a page (None: any), in windows of some widths."""
    history, marks = events.history, periods.marks(events, event)
    wanted = (marks.bits[marks.codes] & 1).astype(np.bool_)
    if page is not None:
        wanted &= history.where({PATH: page})
    if events.keep is not None:
        wanted &= events.keep
    places = np.flatnonzero(wanted)
    if widths != (None, None):
        low, high = widths
        width = numbers(history, WIDTH, places)
        places = places[(width >= (-np.inf if low is None else low)) & (width < (np.inf if high is None else high))]
    return Found(places, np.searchsorted(history.timeline.offsets, places, side="right") - 1)


def numbers(history: History, column: str, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a property as numbers at some places of a history; NaN where it is absent or none."""
    codes, values = history.codes(column)
    read = pd.to_numeric(pd.Series(values.to_pylist(), dtype=object), errors="coerce").to_numpy(np.float64)
    return np.append(read, np.nan)[codes[places]]


def check_widths(widths: Widths) -> None:
    """Refuse widths that hold none."""
    low, high = widths
    if low is not None and high is not None and low >= high:
        raise InputError(_("widths={given}: the second has to be greater than the first.").format(given=widths))


def of_widths(widths: Widths) -> list[str]:
    """Return in plain words which widths count."""
    low, high = widths
    told = []
    if low is not None:
        told.append(_("Windows are at least {width} pixels wide.").format(width=low))
    if high is not None:
        told.append(_("Windows are narrower than {width} pixels.").format(width=high))
    return told
