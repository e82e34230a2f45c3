r"""Funnel: how many people go through steps one after the other, and how long it takes them.

A *chain* is one event for each step, all within ``within`` of its first event, the bound included. A person is counted by one chain: the one that
gets furthest; of those the one whose last event comes first; then the one with most optional steps; then the one that starts last; then the one
with the earliest events between. All figures come from that chain.

For step k, with N_k the people whose chain holds it and R(k) the last required step before it:

.. math::
    \text{from\_start}_k = N_k / N_1 \qquad \text{from\_previous}_k = N_k / N_{R(k)}

Seconds are counted from the chain's previous event. The order of steps is

* ``ordered``: other events may lie between;
* ``strict``: nothing else may lie strictly between the times of two chain events;
* ``any``: steps come in any order; row k counts people who did at least k different ones inside one window.

Source: the project's own definition, docs/reference/questions/funnel.md, where it is held against those of ClickHouse (``windowFunnel``), PostHog and
Mixpanel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis import proportion
from tilth.analysis.result import Groups, NoSuchCell, Result, as_names, by_names, choice, drawn_groups
from tilth.analysis.steps import MOST_MARKED, AnyStep, BadStep, Exclude, Step, as_exclude, as_step, marked, matches
from tilth.engine import chains, clock
from tilth.engine.clock import in_words, length
from tilth.engine.kernels.order import first_of_each
from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

MOST_STEPS = {"ordered": 30, "strict": 30, "any": 12}
MOST_EXCLUSIONS = 6
COLUMNS = ("step", "label", "people", "from_start", "from_previous", "median_seconds", "mean_seconds")


@dataclass(frozen=True)
class FunnelOptions:
    """What a funnel can be asked.

    Parameters
    ----------
    steps : sequence of step
        A name, a list of names, or ``tl.Step``.
    within : str or None
        Longest time from the chain's first event to its last, such as ``"14d"``; None for no bound.
    order : {"ordered", "strict", "any"}
    exclude : names or ``tl.Exclude``
        Events that void a chain between two of its steps.
    by : column or columns, optional
        Split people by the values on their chain.
    by_touch : {"first", "last", "all"} or step number
        Whose event's value: the first or last of the chain that has any, every one, or the one that filled a step.
    hold : column or columns, optional
        Must be equal, and not null, along the chain.
    start_is : {"every", "first"}
        Whether every event of step 1 may start a chain, or only the person's first in the whole source.
    engine : {None, "local"}
    """

    steps: Sequence[AnyStep]
    within: str | None = "14d"
    order: Literal["ordered", "strict", "any"] = "ordered"
    exclude: str | Exclude | Sequence[str | Exclude] = ()
    by: str | Sequence[str] | None = None
    by_touch: Literal["first", "last", "all"] | int = "first"
    hold: str | Sequence[str] | None = None
    start_is: Literal["every", "first"] = "every"
    engine: str | None = None

    def __post_init__(self) -> None:
        choice(self.order, ("ordered", "strict", "any"), "order")
        choice(self.start_is, ("every", "first"), "start_is")
        choice(self.engine, (None, "local"), "engine")
        length(self.within)
        if isinstance(self.steps, str | Step):
            raise BadStep(_("A funnel's steps are a list, such as ['view', 'cart', 'pay']; {given} is not one.").format(given=repr(self.steps)))
        steps = self.as_steps
        if not 1 <= len(steps) <= MOST_STEPS[self.order]:
            raise BadStep(
                _("A funnel of order {order} has 1 to {most} steps, not {count}.").format(
                    order=repr(self.order), most=MOST_STEPS[self.order], count=len(steps)
                )
            )
        if steps[0].optional:
            raise BadStep(_("The first step cannot be optional: the chain begins there."))
        if self.order == "any" and any(step.optional for step in steps):
            raise BadStep(_("Steps in any order cannot be optional: every one of them may be left out already."))
        if len(self.exclusions) > MOST_EXCLUSIONS:
            raise BadStep(_("A funnel takes up to {most} exclusions; give one with several event names instead.").format(most=MOST_EXCLUSIONS))
        touch = self.by_touch
        if isinstance(touch, int) and not isinstance(touch, bool):
            if not 1 <= touch <= len(steps):
                raise InputError(_("by_touch={touch}: steps are numbered from 1 to {steps}.").format(touch=touch, steps=len(steps)))
        else:
            choice(touch, ("first", "last", "all"), "by_touch")

    @cached_property
    def as_steps(self) -> tuple[Step, ...]:
        """The steps, each as a Step."""
        return tuple(as_step(step) for step in self.steps)

    @cached_property
    def exclusions(self) -> tuple[Exclude, ...]:
        """The exclusions, each as an Exclude with its two steps."""
        given = self.exclude or ()
        if isinstance(given, str) or not isinstance(given, Sequence):
            given = (given,)
        return tuple(as_exclude(one, len(self.steps)) for one in given)


class Funnel(Result):
    """The answer to a funnel.

    Attributes
    ----------
    frame : DataFrame
        After any `by` columns: step (from 1), label, people, from_start, from_previous (shares), median_seconds, mean_seconds (since the chain's
        previous event; NaN at step 1).
    left_out : int
        Rows of the source without a person or a time.
    """

    def __init__(self, events: Events, options: FunnelOptions) -> None:
        self.options = options
        self.timeline = events.history.timeline
        self.left_out = self.timeline.left_out
        self._tz = events.tz
        self._chains = compute(events, options)
        self._by = by_names(options.by, COLUMNS)
        self._members, self._groups = split(events, options, self._chains)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        reached = self._chains.events >= 0
        return tabulate(reached, seconds(self._chains.events, self.timeline.times), self._labels, self._required, self._members, self._groups)

    @property
    def _required(self) -> list[bool]:
        return [not step.optional for step in self.options.as_steps]

    @property
    def _labels(self) -> list[str]:
        if self.options.order == "any":
            return ["1 step", *(f"{k} steps" for k in range(2, len(self.options.steps) + 1))]
        return [step.name for step in self.options.as_steps]

    def people(self, step: int = 1, dropped: bool = False, **by: Any) -> PersonSet:
        """Return the people counted at a step, of all groups or of those with the given `by` values.

        Parameters
        ----------
        step : int
            From 1.
        dropped : bool
            Instead, those counted at the last required step before it and not at this one.
        """
        events = self._chains.events
        if not 1 <= step <= events.shape[1]:
            raise NoSuchCell(_("There is no step {step}: steps are numbered from 1 to {steps}.").format(step=step, steps=events.shape[1]))
        chosen = events[:, step - 1] >= 0
        if dropped:
            before = previous_required(self._required, step - 1)
            chosen = (events[:, before] >= 0) & ~chosen if before is not None else np.zeros(len(events), np.bool_)
        return self._set(chosen & self._in(by))

    def elapsed(self, step: int | None = None, **by: Any) -> float:
        """Return the median seconds from the first event of a chain to that of a step (by default the last), of those who reached it; or NaN."""
        events = self._chains.events
        last = events[:, (step or events.shape[1]) - 1]
        there = (last >= 0) & self._in(by)
        first = np.where(events >= 0, events, len(self.timeline)).min(axis=1, initial=len(self.timeline))
        times = self.timeline.times
        return float(np.median(times[last[there]] - times[first[there]]) / 1e6) if there.any() else np.nan

    def waiting(self, until: Any) -> PersonSet:
        """Return the people whose chain began so shortly before `until` that its time is not over yet, and who are not at the last step."""
        events, within = self._chains.events, length(self.options.within)
        open_still = (events[:, -1] < 0) & (events[:, 0] >= 0)
        if within is not None:
            since = clock.instant(until, self._tz) - within
            open_still[open_still] = self.timeline.times[events[open_still, 0]] > since
        return self._set(open_still)

    def _in(self, by: dict[str, Any]) -> NDArray[np.bool_]:
        """Return whether each chain belongs to a group with the given values."""
        inside = np.full(len(self._chains.people), not by)
        if by:
            inside[self._members[self._groups.chosen(by)[self._groups.number]]] = True
        return inside

    def _set(self, chosen: NDArray[np.bool_]) -> PersonSet:
        return PersonSet(self._chains.people[chosen].astype(np.uint32), self.timeline.directory)

    def title(self) -> str:  # noqa: D102
        return _("Funnel: {steps}").format(steps=" → ".join(step.name for step in self.options.as_steps))

    def definition(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a bar a step, or, split by something, a bar a group from the first step to the last."""
        if not self._by:
            return draw_steps(self.frame, self._required)
        counted = self._chains.events[np.unique(self._members)]
        return draw_groups(self.frame, self._by, float((counted[:, -1] >= 0).mean()) if len(counted) else np.nan)


def compute(events: Events, options: FunnelOptions) -> chains.Chains:
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
    return chains.Chains(found_chains.people, events.places(found_chains.events))


def is_plain(options: FunnelOptions) -> bool:
    """Whether a funnel is one of plain steps in order, which has a kernel of its own."""
    steps = options.as_steps
    named = all(step.where is None and not step.first for step in steps)
    return (
        options.order == "ordered"
        and options.start_is == "every"
        and not (options.exclusions or as_names(options.hold) or any(step.optional for step in steps))
        and (named or len(steps) <= MOST_MARKED)
    )


def held(events: Events, options: FunnelOptions) -> NDArray[np.int32] | None:
    """Return one code for each combination of the held columns' values, -1 where one is null; None when nothing is held."""
    columns = as_names(options.hold)
    if not columns:
        return None
    codes = np.stack([events.kept(events.history.codes(column)[0]) for column in columns], axis=1)
    if len(columns) == 1:
        return np.ascontiguousarray(codes[:, 0])
    number = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int32)
    return np.where((codes < 0).any(axis=1), np.int32(-1), number)


def split(events: Events, options: FunnelOptions, found: chains.Chains) -> tuple[NDArray[np.int64], Groups]:
    """Return who (as places in `found`) belongs to which group of the `by` columns; with ``by_touch="all"`` somebody may belong to several."""
    columns = by_names(options.by, COLUMNS)
    everyone = np.arange(len(found.people))
    if not columns:
        return everyone, Groups([], everyone, [])
    read = [events.history.codes(column) for column in columns]
    values = [column_values for _codes, column_values in read]
    touch = options.by_touch
    if touch == "all":
        who, step = np.nonzero(found.events >= 0)
        codes = _codes_at(read, found.events[who, step])
        known = (codes >= 0).any(axis=1)
        both = np.unique(np.column_stack([who[known], codes[known]]), axis=0)
        return both[:, 0], Groups(columns, both[:, 1:], values)
    if isinstance(touch, int):
        reached = np.flatnonzero(found.events[:, touch - 1] >= 0)
        return reached, Groups(columns, _codes_at(read, found.events[reached, touch - 1]), values)
    chosen = np.full((len(everyone), len(columns)), -1, np.int32)
    waiting = everyone
    for k in range(found.events.shape[1])[:: 1 if touch == "first" else -1]:
        there = waiting[found.events[waiting, k] >= 0]
        codes = _codes_at(read, found.events[there, k])
        known = (codes >= 0).any(axis=1)
        chosen[there[known]] = codes[known]
        waiting = np.setdiff1d(waiting, there[known], assume_unique=True)
    return everyone, Groups(columns, chosen, values)


def _codes_at(read: list[tuple[NDArray[Any], Any]], places: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the codes of columns at some places of the timeline, shape (places, columns)."""
    return np.column_stack([codes[places].astype(np.int32) for codes, _values in read])


def seconds(places: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for every chain and step the seconds since the chain's previous event, NaN where there is none."""
    out = np.full(places.shape, np.nan)
    if not len(places):
        return out
    before = places[:, 0]
    for k in range(1, places.shape[1]):
        filled = places[:, k] >= 0
        out[filled, k] = (times[places[filled, k]] - times[before[filled]]) / 1e6
        before = np.where(filled, places[:, k], before)
    return out


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
    for k in range(len(labels)):
        there = reached[members, k]
        people[:, k] = np.bincount(groups.number[there], minlength=count)
        by_group = pd.Series(passed[members, k][there]).groupby(groups.number[there])
        middle[:, k] = by_group.median().reindex(range(count))
        mean[:, k] = by_group.mean().reindex(range(count))
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


def define(options: FunnelOptions, left_out: int) -> str:
    """Return in plain words what the figures count."""
    ways = {
        "ordered": _("The steps happen in this order; other events may lie between them."),
        "strict": _("The steps happen in this order, with nothing else between them."),
        "any": _("The steps happen in any order; row k counts people who did at least k of them."),
    }
    window = (
        _("From a person's first step to the last at most {within} pass.").format(within=in_words(options.within))
        if options.within
        else _("The steps may be any time apart.")
    )
    counted = _("Each person is counted once, by the chain of events that gets furthest; if several do, by the one that gets there first.")
    missing = _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}")
    return paragraph(ways[options.order], window, counted, missing)


def draw_steps(frame: pd.DataFrame, required: Sequence[bool]) -> dict[str, Any]:
    """Return the ECharts option of a funnel: a bar a step with its people and their share of the step before; dashed above it, who was lost."""
    people = frame["people"].tolist()
    before = [previous_required(required, k) for k in range(len(people))]
    lost = [0 if b is None else people[b] - count for b, count in zip(before, people, strict=True)]
    labels = [
        f"{n:,}" if pd.isna(share) or k == 0 else f"{n:,} · {share:.1%}"
        for k, (n, share) in enumerate(zip(people, frame["from_previous"], strict=True))
    ]
    bar = {"type": "bar", "stack": "people", "barMaxWidth": 72}
    ghost = {"color": "rgba(127,140,133,0.06)", "borderColor": "rgba(127,140,133,0.6)", "borderType": "dashed"}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": frame["label"].tolist()},
        "yAxis": {"type": "value", "min": 0, "minInterval": 1},
        "series": [
            bar | {"name": _("People"), "data": people, "itemStyle": {"borderRadius": 0}},
            bar
            | {
                "name": _("Lost since the step before"),
                "data": [
                    {"value": n, "label": {"formatter": label}} | ({} if n else {"itemStyle": {"borderWidth": 0}})
                    for n, label in zip(lost, labels, strict=True)
                ],
                "itemStyle": ghost | {"borderRadius": 0},
                "label": {"show": True, "position": "top"},
                "labelLayout": {"hideOverlap": True},
            },
        ],
    }


def draw_groups(frame: pd.DataFrame, by: list[str], overall: float) -> dict[str, Any]:
    """Return the ECharts option of a split funnel: the share of each group's people who came from the first step to the last.

    Without a second step there is nothing to compare but people.
    """
    groups = [(name, int(rows["people"].iloc[0]), int(rows["people"].iloc[-1])) for name, rows in drawn_groups(frame, by, "people") if len(rows)]
    if len(frame) and frame["step"].max() > 1:
        return proportion.draw(groups, overall)
    bar = {"type": "bar", "stack": "groups", "barWidth": 14}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 64, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [name for name, _n, _x in sorted(groups, key=lambda group: -group[1])]},
        "series": [
            bar | {"name": name, "data": [[n, name]], "label": {"show": True, "position": "right", "formatter": f"{n:,}"}} for name, n, _x in groups
        ],
    }
