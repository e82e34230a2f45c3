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

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import sankey
from tilth.analysis.behaviour.periods import refuse_optional
from tilth.analysis.result import NoSuchCell, Result
from tilth.analysis.sampling import ONCE
from tilth.analysis.steps import AnyStep, as_step, marked
from tilth.engine import shards
from tilth.engine.clock import in_words, length
from tilth.engine.kernels import paths as kernels
from tilth.engine.partial import PERSONS, SHARED, TOTAL, Answer, Partial
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
MOST_COUNTS = 1 << 20
"""Moves, of all depths together, that there may be for each to be counted in a place of its own."""


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
class Names:
    """What each name is called in a path.

    Attributes
    ----------
    nodes : ndarray of int32, shape (names + 1,)
        The node of each code of a name, -1 for what has no place in a path; the last is for null.
    labels : list of str
        What each node is called, the most frequent first.
    """

    nodes: NDArray[np.int32]
    labels: list[str]


@dataclass(frozen=True)
class Walk:
    """What the kernels read: flags and codes of the events looked at, and what each name is called in a path.

    Attributes
    ----------
    codes : ndarray of int, shape (events,)
    nodes, labels
        As in :class:`Names`.
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


@dataclass(frozen=True)
class Occurrences(Partial):
    """How often each name occurs among the events looked at, by its code."""

    counts: NDArray[np.int64] = field(metadata=TOTAL)
    names: list[str] = field(metadata=SHARED)


@dataclass(frozen=True)
class Moves(Partial):
    """How many people make each move: an array by column of the source, source and target."""

    counts: NDArray[np.int64] = field(metadata=TOTAL)


@dataclass(frozen=True)
class Rows(Partial):
    """The people of all paths, in order, and the nodes of each path, -1 where there is none."""

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    rows: NDArray[np.int32]


class Paths(Result):
    """The answer to paths.

    Attributes
    ----------
    frame : DataFrame
        depth (number of the move), source, target, count (people who make this move at this depth); by depth, the largest counts first.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"count": ONCE}}

    def __init__(self, events: Events, options: PathsOptions | None = None) -> None:
        self.options, self._events = options or PathsOptions(), events
        answer = events.ask(occurrences)
        self.left_out = answer.left_out
        self._names = ranked(answer.found, self.options)
        self._moves = self._counted(np.arange(len(self._names.labels), dtype=np.int32))

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(*self._moves, self._names.labels, self.options.depths)

    @cached_property
    def _rows(self) -> Answer[Rows]:
        return self._events.ask(rows, self.options, self._names)

    def _counted(self, drawn: NDArray[np.int32], aligned: bool = False) -> sankey.Counted:
        """Return the moves between what nodes are drawn as; the paths are `aligned` to the right or to the left."""
        size = int(drawn.max(initial=-1)) + 1
        if len(self.options.depths) * size**2 <= MOST_COUNTS:
            counts = self._events.ask(compute, self.options, self._names, drawn, aligned).found.counts
            return np.argwhere(counts), counts[counts > 0]
        found = self._rows.found
        nodes = sankey.right_aligned(found.rows) if aligned else found.rows
        return sankey.counted(found.people, np.append(drawn, np.int32(-1))[nodes], size)

    def people(self, depth: int | None = None, source: str | None = None, target: str | None = None) -> PersonSet:
        """Return the people who make a move: at a depth, from a name, to a name; what is None may be any. Without any, all who have a path."""
        if depth is not None and depth not in self.options.depths:
            raise NoSuchCell(
                _("There is no move {depth}: they are numbered from {first} to {last}.").format(
                    depth=depth, first=self.options.depths[0], last=self.options.depths[-1]
                )
            )
        found, labels = self._rows.found, self._names.labels
        for name in (source, target):
            if name is not None and name not in labels:
                raise UnknownEvent(name, labels)
        if depth is None and source is None and target is None:
            return PersonSet(np.unique(found.people), self._rows.directory)
        sources, targets = found.rows[:, :-1], found.rows[:, 1:]
        moved = (sources >= 0) & (targets >= 0)
        if depth is not None:
            moved &= self.options.depths == depth
        if source is not None:
            moved &= sources == labels.index(source)
        if target is not None:
            moved &= targets == labels.index(target)
        return PersonSet(np.unique(found.people[moved.any(axis=1)]), self._rows.directory)

    def transitions(self, shares: bool = False) -> pd.DataFrame:
        """Return how often people go from a name (row) to a name (column) in their whole paths, however deep; or the shares of each row.

        A row of shares without any move is null.
        """
        labels = self._names.labels
        if len(labels) > MOST_NAMES:
            raise InputError(_("A matrix of {count} names is too large to read: group the rare ones with top=50.").format(count=f"{len(labels):,}"))
        counts = self._events.ask(transitions, self.options, self._names).found.counts
        names = pd.Index(labels, name="source"), pd.Index(labels, name="target")
        if not shares:
            return pd.DataFrame(counts, *names)
        moves = counts.sum(axis=1, keepdims=True)
        return pd.DataFrame(np.where(moves > 0, counts / np.maximum(moves, 1), np.nan), *names)

    def clusters(self, k: int | None = None) -> PathClusters:
        """Return groups of people whose paths are alike, `k` or as many as are told apart best; see :mod:`.path_clusters`."""
        from tilth.analysis.behaviour.path_clusters import PathClusters, PathClustersOptions

        return PathClusters(self._events, PathClustersOptions(**vars(self.options), k=k))

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

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a Sankey diagram, a column a step; with `end` alone the paths end in the same column."""
        return sankey.draw(lambda drawn: self._counted(drawn, self.options.mode == kernels.TO), self._names.labels, other=OTHER)


def occurrences(events: Events) -> Occurrences:
    """Count each name among the events looked at."""
    history, offsets = events.history, events.timeline.offsets
    assert history.event is not None
    every, values = history.codes(history.event)
    codes, names = events.kept(every), values.to_pylist()
    parts = shards.run(lambda first, last: kernels.occurrences(codes[offsets[first] : offsets[last]], len(names)), offsets)
    return Occurrences(sum(parts, start=np.zeros(len(names), np.int64)), names)


def ranked(found: Occurrences, options: PathsOptions) -> Names:
    """Return what each name is called, the most frequent first."""
    counts, names = found.counts, found.names
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], names[code]))
    kept = {*(order if options.top is None else order[: options.top]), *(code for code in order if names[code] in options.asked)}
    nodes = np.full(len(names) + 1, -1, np.int32)
    labels: list[str] = []
    for code in order:
        if code in kept:
            nodes[code] = len(labels)
            labels.append(names[code])
    if len(kept) < len(order):
        if OTHER not in labels:
            labels.append(OTHER)
        nodes[[code for code in order if code not in kept]] = labels.index(OTHER)
    return Names(nodes, labels)


def prepare(events: Events, options: PathsOptions, names: Names | None = None) -> Walk:
    """Return what the kernels read."""
    names = names or ranked(events.ask(occurrences).found, options)
    history = events.history
    assert history.event is not None
    every, _values = history.codes(history.event)
    steps = (options.around if options.around is not None else options.start, options.end)
    marks, bits = marked(history, [as_step(step) if step is not None else None for step in steps])
    asked = np.uint32(sum(bit for bit, step in zip((kernels.START, kernels.END), steps, strict=True) if step is not None))
    codes = events.kept(every)
    return Walk(codes, names.nodes, names.labels, codes if marks is every else events.kept(marks), bits, asked)


def compute(events: Events, options: PathsOptions, names: Names, drawn: NDArray[np.int32], aligned: bool) -> Moves:
    """Count the people who make each move."""
    size = int(drawn.max(initial=-1)) + 1
    return Moves(sum(_run(kernels.moves, events, options, names, len(options.depths) + 1, drawn, size, aligned)))


def rows(events: Events, options: PathsOptions, names: Names) -> Rows:
    """Return everyone's paths."""
    return Rows(*shards.concatenated(_run(kernels.paths, events, options, names, len(options.depths) + 1)))


def transitions(events: Events, options: PathsOptions, names: Names) -> Moves:
    """Count the moves of whole paths, by source and target."""
    return Moves(sum(_run(kernels.transitions, events, options, names, len(names.labels))))


def _run(kernel: Any, events: Events, options: PathsOptions, names: Names, *given: Any) -> list[Any]:
    timeline, walk = events.timeline, prepare(events, options, names)
    timeout = -1 if options.sessions is None else length(options.sessions)

    def shard(first: int, last: int) -> Any:
        return kernel(
            timeline.offsets, timeline.times, walk.codes, walk.nodes, walk.marks, walk.bits, walk.asked, options.mode, timeout, options.fold,
            *given, first, last,
        )  # fmt: skip

    return shards.run(shard, timeline.offsets) or [shard(0, 0)]


def tabulate(moves: NDArray[np.int64], counts: NDArray[np.int64], labels: list[str], depths: NDArray[np.int64]) -> pd.DataFrame:
    """Return the result's frame: a row for every move that anybody makes at a depth."""
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
