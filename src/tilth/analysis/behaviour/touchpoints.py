r"""Touchpoints: by which channels people came before they converted.

A *touch* is an event that has a value in the column ``channel`` and is no conversion (and matches ``touch``, if that is given). For a conversion at t
the *path* is the channels of the person's touches that come before it, in order, those at u with

.. math:: t - u \le \text{lookback}

A touch may stand in the paths of several conversions. Touches after a person's last conversion led to none so far: they are one *null* path, as far
as they lie within ``lookback`` of the last of them. With ``fold`` touches of one channel in a row are one, the last of them. A path holds its last
``longest`` touches. A conversion without a touch has no path; ``untouched`` counts them.

Source: the project's own definition, docs/reference/questions/touchpoints.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.analysis.behaviour.periods import refuse_optional
from tilth.analysis.result import NoSuchCell, Result
from tilth.analysis.sampling import OFTEN, squares_of
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep, as_step, marked
from tilth.engine import shards
from tilth.engine.clock import in_words, length
from tilth.engine.kernels import touchpoints as kernels
from tilth.engine.partial import PERSONS, TOTAL, Partial
from tilth.engine.people import Directory, PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

COLUMNS = ("path", "conversions", "value", "nulls")
NAMES = {
    "path": ("path",),
    "conversions": ("conversions", "total_conversions"),
    "value": ("value", "total_conversion_value"),
    "nulls": ("nulls", "total_null"),
}
"""What the columns of a frame of paths may be called."""
BETWEEN = " > "
MOST_DRAWN = 12
_AT_ONCE = 1_000_000


class BadPaths(InputError):
    """A frame of paths that cannot be read."""


@dataclass(frozen=True)
class TouchpointsOptions:
    """What touchpoints can be asked.

    Parameters
    ----------
    channel : str
        The column that says by which channel.
    conversion : step
        A name, a list of names, or ``tl.Step``.
    value : str, optional
        A column of numbers on the conversion; null counts 0.
    lookback : str or None
        Longest time from a touch to the conversion; None for no bound.
    touch : step, optional
        Which events are touches; by default all that have a channel.
    fold : bool
        Whether touches of one channel in a row are one.
    longest : int
        Most touches of a path.
    """

    channel: str
    conversion: AnyStep
    value: str | None = None
    lookback: str | None = "30d"
    touch: AnyStep | None = None
    fold: bool = False
    longest: int = 100

    def __post_init__(self) -> None:
        refuse_optional(self.conversion, self.touch)
        if isinstance(self.longest, bool) or not isinstance(self.longest, int) or not 1 <= self.longest <= 10_000:
            raise InputError(_("longest={longest}: give a whole number of touches from 1 to 10,000.").format(longest=repr(self.longest)))
        length(self.lookback)


@dataclass(frozen=True)
class Touches:
    """Paths one after the other, each from its first touch to its last: what attribution reads.

    Attributes
    ----------
    names : list of str
        The channels.
    offsets : ndarray of int64, shape (paths + 1,)
        Path k's touches are ``offsets[k]`` up to ``offsets[k + 1]``.
    channels : ndarray of int32, shape (touches,)
        Places in `names`.
    ages : ndarray of int64, shape (touches,), or None
        Microseconds from the touch to the conversion; None where only paths were given.
    conversions, values, nulls : ndarray, shape (paths,)
        What each path led to, and how often it led to nothing; values are null where nobody asked.
    """

    names: list[str]
    offsets: NDArray[np.int64]
    channels: NDArray[np.int32]
    ages: NDArray[np.int64] | None
    conversions: NDArray[Any]
    values: NDArray[np.float64]
    nulls: NDArray[Any]

    def texts(self) -> pa.Array:
        """Return each path as text, "a > b > c", dictionary-encoded."""
        parts, low, names = [], 0, pa.array(self.names, pa.string())
        while low < len(self.conversions):  # some at a time: together they may be more text than fits
            high = max(low + 1, int(np.searchsorted(self.offsets, self.offsets[low] + _AT_ONCE, side="right")) - 1)
            own = names.take(pa.array(self.channels[self.offsets[low] : self.offsets[high]]))
            lists = pa.ListArray.from_arrays(pa.array((self.offsets[low : high + 1] - self.offsets[low]).astype(np.int32)), own)
            parts.append(pc.binary_join(lists, BETWEEN).dictionary_encode())
            low = high
        return pa.chunked_array(parts, pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()


@dataclass(frozen=True)
class Trails(Partial):
    """The paths of some people.

    Attributes
    ----------
    people : ndarray of uint32, shape (paths,)
    lengths : ndarray of int, shape (paths,)
        Touches of each.
    channels : Split
        The channel of every touch.
    ages : ndarray of int64, shape (touches,)
    conversions : ndarray of int64, shape (paths,)
        1 where it led to one.
    values : ndarray of float64, shape (paths,)
    untouched, cut : int
        Conversions without a touch, and paths that had more than may be.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    lengths: NDArray[Any]
    channels: Split
    ages: NDArray[np.int64]
    conversions: NDArray[np.int64]
    values: NDArray[np.float64]
    untouched: int = field(metadata=TOTAL)
    cut: int = field(metadata=TOTAL)

    def touches(self) -> Touches:
        """Return what attribution reads."""
        names = [str(name) for name in self.channels.values[0].to_pylist()]
        offsets = np.concatenate([[0], np.cumsum(self.lengths)])
        return Touches(names, offsets, self.channels.codes[:, 0], self.ages, self.conversions, self.values, 1 - self.conversions)


class Touchpaths(Result):
    """Paths of touchpoints and what they led to.

    Parameters
    ----------
    frame : DataFrame or dict of columns
        path ("a > b > c") and conversions; value and nulls (how often the path led to nothing) if known. The names total_conversions,
        total_conversion_value and total_null are read too. Rows of one path are added up.

    Attributes
    ----------
    frame : DataFrame
        path, conversions, value, nulls; the most conversions first.
    touches : Touches
        The channels of every path, with times where they are known.
    untouched : int
        Conversions without a touch in the look-back, which have no path.
    cut : int
        Paths that had more touches than `longest`.
    left_out : int
        Rows of the source without a person or a time.

    Examples
    --------
    >>> Touchpaths({"path": ["ad > mail", "mail"], "conversions": [3, 5]}).frame
            path  conversions  value  nulls
    0       mail            5    NaN      0
    1  ad > mail            3    NaN      0
    """

    grows: ClassVar = {"frame": {"conversions": OFTEN, "value": OFTEN, "nulls": OFTEN}}

    def __init__(self, frame: Any) -> None:
        self.options: TouchpointsOptions | None = None
        self.untouched = self.cut = self.left_out = 0
        self.touches = read(pd.DataFrame(frame))
        self._people: NDArray[np.uint32] | None = None
        self._directory: Directory | None = None
        self._tabulate()

    @classmethod
    def of(cls, events: Events, options: TouchpointsOptions) -> Touchpaths:
        """Return the paths of everyone in `events`."""
        made = cls.__new__(cls, events)
        made.options = options
        answer = events.ask(compute, options)
        trails = answer.found
        made.touches, made._people, made.untouched, made.cut = trails.touches(), trails.people, trails.untouched, trails.cut
        made._directory, made.left_out = answer.directory, answer.left_out
        made._tabulate()
        return made

    def _tabulate(self) -> None:
        self._frame, self._row = tabulate(self.touches)

    @property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return self._frame

    def people(self, path: str | None = None, converted: bool | None = None) -> PersonSet:
        """Return the people of a path ("a > b > c"; None: of any), only those it led to a conversion or, with False, to none."""
        if self._people is None or self._directory is None:
            raise NoSuchCell(_("These paths were given as counts: who took them is not known."))
        chosen = np.ones(len(self._people), np.bool_)
        if path is not None:
            rows = np.flatnonzero(self._frame["path"] == path)
            if not len(rows):
                raise NoSuchCell(_("Nobody took the path {path}.").format(path=repr(path)))
            chosen &= self._row == rows[0]
        if converted is not None:
            chosen &= (self.touches.conversions > 0) == converted
        return PersonSet(np.unique(self._people[chosen]), self._directory)

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        amounts = {"conversions": self.touches.conversions, "value": self.touches.values, "nulls": self.touches.nulls}[column]
        people = np.arange(len(self._row)) if self._people is None else self._people
        return squares_of(self._row, people, len(self._frame), amounts)

    def title(self) -> str:  # noqa: D102
        return _("Touchpoints before {event}").format(event=as_step(self.options.conversion).name) if self.options is not None else _("Touchpoints")

    def meaning(self) -> str:  # noqa: D102
        return define(self)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a bar a path, those of most conversions."""
        return draw(self._frame)


def compute(events: Events, options: TouchpointsOptions) -> Trails:
    """Return everyone's paths."""
    history, timeline = events.history, events.history.timeline
    marks, bits = marked(history, [as_step(options.conversion), None if options.touch is None else as_step(options.touch)])
    codes, values = history.codes(options.channel)
    keep = np.empty(0, np.bool_) if events.keep is None else events.keep
    within = length(options.lookback)
    lookback = -1 if within is None else within

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernels.touchpoints(  # type: ignore[no-any-return]
            timeline.offsets, timeline.times, codes, marks, bits, keep, lookback, options.longest, options.fold, first, last
        )

    parts = shards.run(shard, timeline.offsets) or [shard(0, 0)]
    people, ends, lengths, channels, ages, untouched, cut = shards.concatenated(parts)
    conversions = (ends >= 0).astype(np.int64)
    paid = np.full(len(ends), np.nan)
    if options.value is not None:
        paid = np.zeros(len(ends))
        paid[ends >= 0] = amounts(events, options.value, ends[ends >= 0])
    named = Split([options.channel], channels.reshape(-1, 1), [values])
    return Trails(people, lengths, named, ages, conversions, paid, int(untouched.sum()), int(cut.sum()))


def amounts(events: Events, column: str, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the numbers of a column at some places of the whole timeline; null is 0."""
    codes, values = events.history.codes(column)
    table = np.zeros(len(values) + 1)  # the last place answers for null, code -1
    for code, value in enumerate(values.to_pylist()):
        try:
            table[code] = float(value)
        except (TypeError, ValueError) as fault:
            raise InputError(
                _("The column {name} holds {value}, which is no number: clean it or name another column as value.").format(
                    name=repr(column), value=repr(value)
                )
            ) from fault
    return table[codes[places]]


def read(frame: pd.DataFrame) -> Touches:
    """Return the paths that a frame tells."""
    columns = {name: next((called for called in allowed if called in frame.columns), None) for name, allowed in NAMES.items()}
    for name in ("path", "conversions"):
        if columns[name] is None:
            raise BadPaths(
                _("Paths need the columns path and conversions; {name} is not among {columns}.").format(
                    name=repr(name), columns=", ".join(map(repr, frame.columns))
                )
            )
    figures = {name: _figures(frame, columns[name]) for name in ("conversions", "value", "nulls")}
    given = frame[columns["path"]]
    steps = given.fillna("").astype(str).str.split(r"\s*>\s*", regex=True)
    empty = [row for row, names in enumerate(steps, 1) if not all(name.strip() for name in names)]
    if empty:
        raise BadPaths(
            _("Row {row}: {path} is not a path: write its channels like 'a > b > c'.").format(row=empty[0], path=repr(given.iloc[empty[0] - 1]))
        )
    texts = steps.map(lambda names: BETWEEN.join(name.strip() for name in names))
    number, distinct = pd.factorize(texts)
    told = [text.split(BETWEEN) for text in distinct]
    channels, names = pd.factorize(np.array([name for one in told for name in one], object))
    size = len(distinct)
    added = {name: np.bincount(number, column, minlength=size) if column is not None else None for name, column in figures.items()}
    value = added["value"].astype(np.float64) if added["value"] is not None else np.full(size, np.nan)
    nulls = added["nulls"] if added["nulls"] is not None else np.zeros(size)
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in told], dtype=np.int64)])
    return Touches(list(names), offsets, channels.astype(np.int32), None, _whole(added["conversions"]), value, _whole(nulls))


def _figures(frame: pd.DataFrame, column: str | None) -> NDArray[np.float64] | None:
    if column is None:
        return None
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
    if len(wrong):
        raise BadPaths(
            _("Row {row}, column {column}: {value} is not a number from 0 up.").format(
                row=int(wrong[0]) + 1, column=repr(column), value=repr(frame[column].iloc[wrong[0]])
            )
        )
    return numbers


def _whole(numbers: Any) -> NDArray[Any]:
    whole = np.asarray(numbers).astype(np.int64)
    return whole if (whole == numbers).all() else np.asarray(numbers)


def tabulate(touches: Touches) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the result's frame, and the row of each path in it."""
    texts = touches.texts()
    known = texts.chunk(0).dictionary.to_pylist() if texts.num_chunks else []
    number = np.concatenate([chunk.indices.to_numpy() for chunk in texts.chunks]) if known else np.zeros(0, np.int64)
    frame = pd.DataFrame(
        {
            "path": np.array(known, object),
            "conversions": _whole(np.bincount(number, touches.conversions, minlength=len(known))),
            "value": np.bincount(number, touches.values, minlength=len(known)),
            "nulls": _whole(np.bincount(number, touches.nulls, minlength=len(known))),
        }
    )
    keys = [("conversions", "descending"), ("value", "descending"), ("nulls", "descending"), ("path", "ascending")]
    ranked = pa.table({name: pa.array(column) for name, column in frame.fillna({"value": 0.0}).items()})
    order = pc.sort_indices(ranked, sort_keys=keys).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return frame.take(order).reset_index(drop=True), place[number]


def define(result: Touchpaths) -> str:
    """Return in plain words what the figures count."""
    options = result.options
    if options is None:
        return _("Paths as they were given: how often each led to a conversion, what that was worth, and how often it led to none.")
    said = [
        _("The path of a conversion is the channels by which the person came before it, in order."),
        *([_("A touch lies at most {length} before the conversion.").format(length=in_words(options.lookback))] if options.lookback else []),
        _("Touches after a person's last conversion are one path that led to none (nulls)."),
    ]
    if options.fold:
        said.append(_("Touches of one channel in a row are one."))
    if result.untouched:
        said.append(_("Conversions without a touch, which are in no path: {count}.").format(count=f"{result.untouched:,}"))
    if result.cut:
        said.append(
            _("Paths of more than {longest} touches, of which the last are told: {count}.").format(longest=options.longest, count=f"{result.cut:,}")
        )
    said.append(_("Left out: {count} rows without a person or a time.").format(count=f"{result.left_out:,}"))
    return paragraph(*said)


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of the paths that led to most conversions."""
    rows = frame.head(MOST_DRAWN)
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0},
        "yAxis": {"type": "category", "inverse": True, "data": rows["path"].tolist()},
        "series": [
            {
                "type": "bar",
                "name": _("Conversions"),
                "data": rows["conversions"].tolist(),
                "barWidth": 14,
                "label": {"show": True, "position": "right"},
            }
        ],
    }
