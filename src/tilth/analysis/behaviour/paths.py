r"""Paths: what people do one after the other, move by move.

The *path* of a person is the names of their events in order: x_0, x_1, x_2 … It begins with the person's first ``start`` event and ends with the
first ``end`` event after that; who lacks one that was asked for has no path. Move d leads from x_{d-1} to x_d. With P the paths, and x_d(p) the d-th
name of p,

.. math:: \text{count}_d(a, b) = |\{\text{person of } p \in P : x_{d-1}(p) = a,\ x_d(p) = b\}|

With ``end`` alone the last ``depth`` moves are taken and numbered from 1. ``around`` tells a path from the person's first such event: the moves after
it are 1, 2 …, those before it -1, -2 … counted back from it.

With ``sessions`` a pause that is longer ends a path and the next event begins another; a person who makes a move at a depth in several of them is
still counted once. ``fold`` makes equal names in a row one; ``top`` calls all but the most frequent names "other". Events without a name have no
place in a path.

Source: the project's own definition, docs/reference/questions/paths.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import sankey
from tilth.analysis.behaviour.periods import refuse_optional
from tilth.analysis.result import NoSuchCell, Result
from tilth.analysis.steps import AnyStep, as_step, marked
from tilth.engine import shards
from tilth.engine.clock import in_words, length
from tilth.engine.kernels import paths as kernels
from tilth.engine.people import PersonSet
from tilth.errors import InputError, UnknownEvent
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.behaviour.path_clusters import PathClusters
    from tilth.analysis.events import Events

COLUMNS = ("depth", "source", "target", "count")
OTHER = "other"
MOST_MOVES = 50
MOST_NAMES = 2_000
"""Names that a matrix of transitions can have: it has as many rows as columns."""


@dataclass(frozen=True)
class PathsOptions:
    """What paths can be asked.

    Parameters
    ----------
    start, end : step, optional
        Events that a path begins with and ends with: a name, a list of names, or ``tl.Step``.
    depth : int
        Most moves that are told; around an event, so many on each side.
    sessions : str, optional
        A length such as ``"30m"``: a pause that is longer ends a path.
    fold : bool
        Whether equal names in a row are one.
    top : int, optional
        All but so many names, the most frequent of the events looked at, become "other"; the names asked for stay.
    around : step, optional
        Events that paths are told around; instead of `start` and `end`.
    """

    start: AnyStep | None = None
    end: AnyStep | None = None
    depth: int = 5
    sessions: str | None = None
    fold: bool = False
    top: int | None = None
    around: AnyStep | None = None

    def __post_init__(self) -> None:
        refuse_optional(self.start, self.end, self.around)
        if self.around is not None and (self.start is not None or self.end is not None):
            raise InputError(_("A path lies around an event or between a start and an end: leave out around, or start and end."))
        if isinstance(self.depth, bool) or not isinstance(self.depth, int) or not 1 <= self.depth <= MOST_MOVES:
            raise InputError(_("depth={depth}: give a whole number of moves from 1 to {most}.").format(depth=repr(self.depth), most=MOST_MOVES))
        if self.top is not None and (isinstance(self.top, bool) or not isinstance(self.top, int) or self.top < 1):
            raise InputError(_("top={top}: give a whole number of names from 1 up, or None for all.").format(top=repr(self.top)))
        length(self.sessions)

    @property
    def mode(self) -> int:
        """Where a path is told from, as the kernels number it."""
        if self.around is not None:
            return kernels.AROUND
        return kernels.TO if self.start is None and self.end is not None else kernels.FROM

    @property
    def depths(self) -> NDArray[np.int64]:
        """The numbers of the moves that are told."""
        after = np.arange(1, self.depth + 1)
        return np.concatenate([np.arange(-self.depth, 0), after]) if self.mode == kernels.AROUND else after

    @property
    def asked(self) -> list[str]:
        """The names that the question is about, which always keep theirs."""
        return [name for step in (self.start, self.end, self.around) if step is not None for name in as_step(step).events]


@dataclass(frozen=True)
class Walk:
    """What the kernels read: flags and codes of the events looked at, and what each name is called in a path.

    Attributes
    ----------
    codes : ndarray of int, shape (events,)
    nodes : ndarray of int32, shape (names + 1,)
    labels : list of str
        What each node is called.
    marks : ndarray of int, shape (events,)
    bits : ndarray of uint32
        Which codes of `marks` are those of the start (or centre) and of the end.
    asked : uint32
        Which of the two the question names.
    """

    codes: NDArray[Any]
    nodes: NDArray[np.int32]
    labels: list[str]
    marks: NDArray[Any]
    bits: NDArray[np.uint32]
    asked: np.uint32


class Paths(Result):
    """The answer to paths.

    Attributes
    ----------
    frame : DataFrame
        depth (number of the move), source, target, count (people who make this move at this depth); by depth, the largest counts first.
    left_out : int
        Rows of the source without a person or a time.
    """

    def __init__(self, events: Events, options: PathsOptions | None = None) -> None:
        self.options = options or PathsOptions()
        self._events, self.timeline = events, events.timeline
        self.left_out = self.timeline.left_out
        self._walk = prepare(events, self.options)
        self._people, self._rows = compute(events, self.options, self._walk)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self._people, self._rows, self._walk.labels, self.options.depths)

    def people(self, depth: int | None = None, source: str | None = None, target: str | None = None) -> PersonSet:
        """Return the people who make a move: at a depth, from a name, to a name; what is None may be any. Without any, all who have a path."""
        if depth is not None and depth not in self.options.depths:
            raise NoSuchCell(
                _("There is no move {depth}: they are numbered from {first} to {last}.").format(
                    depth=depth, first=self.options.depths[0], last=self.options.depths[-1]
                )
            )
        if depth is None and source is None and target is None:
            return PersonSet(np.unique(self._people), self.timeline.directory)
        sources, targets = self._rows[:, :-1], self._rows[:, 1:]
        moved = (sources >= 0) & (targets >= 0)
        if depth is not None:
            moved &= self.options.depths == depth
        if source is not None:
            moved &= sources == self._node(source)
        if target is not None:
            moved &= targets == self._node(target)
        return PersonSet(np.unique(self._people[moved.any(axis=1)]), self.timeline.directory)

    def _node(self, name: str) -> int:
        if name not in self._walk.labels:
            raise UnknownEvent(name, self._walk.labels)
        return self._walk.labels.index(name)

    def transitions(self, shares: bool = False) -> pd.DataFrame:
        """Return how often people go from a name (row) to a name (column) in their whole paths, however deep; or the shares of each row.

        A row of shares without any move is null.
        """
        walk, options = self._walk, self.options
        if len(walk.labels) > MOST_NAMES:
            raise InputError(
                _("A matrix of {count} names is too large to read: group the rare ones with top=50.").format(count=f"{len(walk.labels):,}")
            )
        timeline, timeout = self.timeline, _timeout(options)

        def shard(first: int, last: int) -> NDArray[np.int64]:
            return kernels.transitions(  # type: ignore[no-any-return]
                timeline.offsets, timeline.times, walk.codes, walk.nodes, len(walk.labels), walk.marks, walk.bits, walk.asked,
                options.mode, timeout, options.fold, first, last,
            )  # fmt: skip

        size = len(walk.labels)
        counts = sum(shards.run(shard, timeline.offsets), start=np.zeros((size, size), np.int64))
        names = pd.Index(walk.labels, name="source"), pd.Index(walk.labels, name="target")
        if not shares:
            return pd.DataFrame(counts, *names)
        moves = counts.sum(axis=1, keepdims=True)
        return pd.DataFrame(np.where(moves > 0, counts / np.maximum(moves, 1), np.nan), *names)

    def title(self) -> str:  # noqa: D102
        start, end, around = (
            as_step(step).name if step is not None else None for step in (self.options.start, self.options.end, self.options.around)
        )
        if around is not None:
            return _("Paths around {event}").format(event=around)
        if start is not None and end is not None:
            return _("Paths: {start} → {end}").format(start=start, end=end)
        if start is not None:
            return _("Paths from {event}").format(event=start)
        return _("Paths to {event}").format(event=end) if end is not None else _("Paths")

    def definition(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a Sankey diagram, a column a step; with `end` alone the paths end in the same column."""
        rows = self._rows
        if self.options.mode == kernels.TO:
            rows = sankey.right_aligned(rows)
        return sankey.draw(self._people, rows, self._walk.labels, other=OTHER)

    def clusters(self, k: int | None = None) -> PathClusters:
        """Return groups of people whose paths are alike, `k` or as many as are told apart best; see :mod:`.path_clusters`."""
        from tilth.analysis.behaviour.path_clusters import PathClusters, PathClustersOptions

        return PathClusters(self._events, PathClustersOptions(**vars(self.options), k=k))


def prepare(events: Events, options: PathsOptions) -> Walk:
    """Return what the kernels read."""
    history = events.history
    assert history.event is not None
    every, values = history.codes(history.event)
    codes = events.kept(every)
    names: list[str] = values.to_pylist()
    counts = kernels.occurrences(codes, len(names))
    ranked = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], names[code]))
    nodes = np.full(len(names) + 1, -1, np.int32)
    labels: list[str] = []
    kept = {*(ranked if options.top is None else ranked[: options.top]), *(code for code in ranked if names[code] in options.asked)}
    for code in ranked:
        if code in kept:
            nodes[code] = len(labels)
            labels.append(names[code])
    if len(kept) < len(ranked):
        if OTHER not in labels:
            labels.append(OTHER)
        nodes[[code for code in ranked if code not in kept]] = labels.index(OTHER)
    steps = (options.around if options.around is not None else options.start, options.end)
    marks, bits = marked(history, [as_step(step) if step is not None else None for step in steps])
    asked = np.uint32(sum(bit for bit, step in zip((kernels.START, kernels.END), steps, strict=True) if step is not None))
    return Walk(codes, nodes, labels, codes if marks is every else events.kept(marks), bits, asked)


def compute(events: Events, options: PathsOptions, walk: Walk) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Return the people of all paths, in order, and the nodes of each path."""
    timeline, timeout = events.timeline, _timeout(options)

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernels.paths(  # type: ignore[no-any-return]
            timeline.offsets, timeline.times, walk.codes, walk.nodes, walk.marks, walk.bits, walk.asked,
            options.mode, options.depth, timeout, options.fold, first, last,
        )  # fmt: skip

    parts = shards.run(shard, timeline.offsets)
    if not parts:
        return np.empty(0, np.uint32), np.empty((0, len(options.depths) + 1), np.int32)
    people, rows = shards.concatenated(parts)
    return people, rows


def tabulate(people: NDArray[np.uint32], rows: NDArray[np.int32], labels: list[str], depths: NDArray[np.int64]) -> pd.DataFrame:
    """Return the result's frame: a row for every move that anybody makes at a depth."""
    moves, counts = sankey.counted(people, rows, len(labels))
    frame = pd.DataFrame(
        {
            "depth": depths[moves[:, 0]],
            "source": [labels[node] for node in moves[:, 1]],
            "target": [labels[node] for node in moves[:, 2]],
            "count": counts,
        }
    )
    return frame.sort_values(["depth", "count", "source", "target"], ascending=[True, False, True, True], kind="stable").reset_index(drop=True)


def define(options: PathsOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    start, end = (as_step(step).name if step is not None else None for step in (options.start, options.end))
    if options.around is not None:
        where = _(
            "A path lies around a person's first {event}: the moves after it are 1, 2 …, those before it -1, -2 … counted back from it."
        ).format(event=as_step(options.around).name)
    elif start is not None and end is not None:
        where = _("A path goes from a person's first {start} to the first {end} after it; who lacks one has no path.").format(start=start, end=end)
    elif start is not None:
        where = _("A path begins with a person's first {start}.").format(start=start)
    elif end is not None:
        where = _("A path ends with a person's first {end}; its last {depth} moves are told.").format(end=end, depth=options.depth)
    else:
        where = _("A path begins with a person's first event.")
    counted = _("A figure counts the people who make that move at that depth.")
    split = fold = grouped = ""
    if options.sessions is not None:
        split = _("A pause of more than {length} ends a path and begins another; a person counts once for a move at a depth.").format(
            length=in_words(options.sessions)
        )
    if options.fold:
        fold = _("Equal events in a row are one.")
    if options.top is not None:
        grouped = _("All but the {top} most frequent events are called “other”.").format(top=options.top)
    missing = _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}")
    return paragraph(where, counted, *(said for said in (split, fold, grouped) if said), missing)


def _timeout(options: PathsOptions) -> int:
    return -1 if options.sessions is None else int(length(options.sessions) or 0)
