"""Finding the chains, splitting the people they belong to, and counting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour.funnel.options import COLUMNS, FunnelOptions
from tilth.analysis.result import Groups, as_names, by_names
from tilth.analysis.split import Split
from tilth.analysis.steps import MOST_MARKED, marked, matches
from tilth.engine import chains, shards
from tilth.engine.clock import length
from tilth.engine.kernels.lapses import middles
from tilth.engine.kernels.order import first_of_each
from tilth.engine.kernels.ordered import NEVER
from tilth.engine.kernels.sessions import number_sessions
from tilth.engine.partial import PERSONS, Partial

if TYPE_CHECKING:
    from tilth.analysis.events import Events


@dataclass(frozen=True)
class Entrants(Partial):
    """The chain that counts of everyone who reached step 1, and the values that they are split by.

    Attributes
    ----------
    people : ndarray of int64, shape (people,)
        Person codes, ascending.
    times : ndarray of int64, shape (people, steps)
        When each step was filled, :data:`NEVER` where it was not.
    members : ndarray of int64, shape (members,)
        Person codes of the rows of `split`.
    split : Split
    """

    people: NDArray[np.int64] = field(metadata=PERSONS)
    times: NDArray[np.int64]
    members: NDArray[np.int64] = field(metadata=PERSONS)
    split: Split

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Which steps each chain has."""
        return self.times != NEVER

    @property
    def entered(self) -> NDArray[np.int64]:
        """When the first event of each chain was."""
        return np.where(self.reached, self.times, np.iinfo(np.int64).max).min(axis=1, initial=np.iinfo(np.int64).max)


def compute(events: Events, options: FunnelOptions) -> Entrants:
    """Return what a funnel needs to know of those who entered it."""
    found = find(events, options)
    members, values = split(events, options, found)
    return Entrants(found.people, found.times, found.people[members], values)


def find(events: Events, options: FunnelOptions) -> chains.Chains:
    """Return the chain that counts of everyone who reached step 1; places are those of the whole history."""
    history, steps = events.history, options.as_steps
    if is_plain(options):
        codes, bits = marked(history, steps)
        return chains.find_ordered(history.timeline, codes, bits, events.keep, within=length(options.within), steps=len(steps))
    bits = np.zeros(len(history.timeline), np.uint32)
    first_step = np.zeros(0, np.bool_)
    for k, step in enumerate(steps):
        found = matches(history, step)
        first_step = found if k == 0 else first_step
        bits |= found.astype(np.uint32) << np.uint32(k)
    may_start = bits != 0 if options.order == "any" else first_step
    if options.start_is == "first":
        may_start = first_of_each(first_step, history.timeline.offsets)
    excluded = None
    if options.exclusions:
        excluded = np.zeros(len(bits), np.uint32)
        for q, exclude in enumerate(options.exclusions):
            excluded |= matches(history, exclude).astype(np.uint32) << np.uint32(q)
        excluded = events.kept(excluded)
    graph = chains.in_any_order(len(steps)) if options.order == "any" else chains.in_order([step.optional for step in steps])
    found_chains = chains.find(
        events.timeline,
        graph,
        events.kept(bits),
        events.kept(may_start),
        within=length(options.within),
        strict=options.order == "strict",
        excluded=excluded,
        spans=[exclude.between or (1, len(steps)) for exclude in options.exclusions],
        holds=held(events, options),
    )
    return replace(found_chains, events=events.places(found_chains.events))


def is_plain(options: FunnelOptions) -> bool:
    """Whether a funnel is one of plain steps in order, which has a kernel of its own."""
    steps = options.as_steps
    named = all(step.where is None and not step.first for step in steps)
    return (
        options.order == "ordered"
        and options.start_is == "every"
        and not (options.exclusions or options.sessions or as_names(options.hold) or any(step.optional for step in steps))
        and (named or len(steps) <= MOST_MARKED)
    )


def held(events: Events, options: FunnelOptions) -> NDArray[np.int32] | None:
    """Return one code for each combination of the held columns' values, -1 where one is null; None when nothing is held. A session is held too."""
    columns = [events.kept(events.history.codes(column)[0]) for column in as_names(options.hold)]
    if options.sessions:
        timeline, timeout = events.timeline, length(options.sessions)
        parts = shards.run(lambda first, last: number_sessions(timeline.offsets, timeline.times, timeout, first, last), timeline.offsets)
        columns.append(np.concatenate(parts or [np.empty(0, np.int32)]))
    if not columns:
        return None
    if len(columns) == 1:
        return np.ascontiguousarray(columns[0]).astype(np.int32, copy=False)
    codes = np.stack(columns, axis=1)
    number = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int32)
    return np.where((codes < 0).any(axis=1), np.int32(-1), number)


def split(events: Events, options: FunnelOptions, found: chains.Chains) -> tuple[NDArray[np.int64], Split]:
    """Return who (as places in `found`) has which values of the `by` columns; with ``by_touch="all"`` somebody may have several."""
    columns, touch = by_names(options.by, COLUMNS), options.by_touch
    everyone = np.arange(len(found.people))
    if touch == "all" and columns:
        who, step = np.nonzero(found.events >= 0)
        values = Split.at(events.history, columns, found.events[who, step])
        known = (values.codes >= 0).any(axis=1)
        both = np.unique(np.column_stack([who[known], values.codes[known]]), axis=0)
        return both[:, 0], replace(values, codes=both[:, 1:].astype(np.int32))
    if isinstance(touch, int):
        reached = np.flatnonzero(found.events[:, touch - 1] >= 0)
        return reached, Split.at(events.history, columns, found.events[reached, touch - 1])
    chosen = Split.at(events.history, columns, np.empty(0, np.int64))
    codes = np.full((len(everyone), len(columns)), -1, np.int32)
    waiting = everyone
    for k in range(found.events.shape[1])[:: 1 if touch == "first" else -1] if columns else ():
        there = waiting[found.events[waiting, k] >= 0]
        own = Split.at(events.history, columns, found.events[there, k]).codes
        known = (own >= 0).any(axis=1)
        codes[there[known]] = own[known]
        waiting = np.setdiff1d(waiting, there[known], assume_unique=True)
    return everyone, replace(chosen, codes=codes)


def previous_required(required: Sequence[bool], step: int) -> int | None:
    """Return the last required step before `step`, both counted from 0."""
    return next((k for k in range(step - 1, -1, -1) if required[k]), None)


def tabulate(
    reached: NDArray[np.bool_],
    passed: NDArray[np.float64],
    labels: list[str],
    required: list[bool],
    members: NDArray[np.int64],
    groups: Groups,
) -> pd.DataFrame:
    """Return the result's frame: a row for every group and step."""
    count = len(groups)
    people = np.zeros((count, len(labels)), np.int64)
    middle, mean = np.full(people.shape, np.nan), np.full(people.shape, np.nan)
    people[:, 0] = np.bincount(groups.number[reached[members, 0]], minlength=count)
    for k in range(1, len(labels)):
        there = reached[members, k]
        people[:, k], middle[:, k], mean[:, k] = middles(passed[members, k][there], groups.number[there], count)
    before = people[:, [previous_required(required, k) or 0 for k in range(len(labels))]]
    with np.errstate(divide="ignore", invalid="ignore"):
        from_start, from_previous = people / people[:, :1], people / before
    from_previous[before == 0] = from_start[people[:, 0] == 0] = np.nan
    return groups.repeated(len(labels)).assign(
        step=np.tile(np.arange(1, len(labels) + 1), count),
        label=labels * count,
        people=people.ravel(),
        from_start=from_start.ravel(),
        from_previous=from_previous.ravel(),
        median_seconds=middle.ravel(),
        mean_seconds=mean.ravel(),
    )
