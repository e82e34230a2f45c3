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
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour.buckets import buckets_of
from tilth.analysis.behaviour.funnel.counting import compute, previous_required, tabulate
from tilth.analysis.behaviour.funnel.drawing import draw_groups, draw_steps
from tilth.analysis.behaviour.funnel.further import compare, tabulate_times, tabulate_trend
from tilth.analysis.behaviour.funnel.options import COLUMNS, MOST_EXCLUSIONS, FunnelOptions, define
from tilth.analysis.result import NoSuchCell, Result, by_names
from tilth.analysis.sampling import ONCE
from tilth.engine import clock
from tilth.engine.clock import length
from tilth.engine.kernels.lapses import lapses
from tilth.engine.people import PersonSet
from tilth.language import _

if TYPE_CHECKING:
    from tilth.analysis.events import Events

__all__ = ["MOST_EXCLUSIONS", "Funnel", "FunnelOptions", "draw_steps"]


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

    grows: ClassVar = {"frame": {"people": ONCE}}

    def __init__(self, events: Events, options: FunnelOptions) -> None:
        self.options = options
        self._tz, self._week_start = events.tz, events.week_start
        self._by = by_names(options.by, COLUMNS)
        self._answer = events.ask(compute, options)
        self.left_out = self._answer.left_out
        self._chains = self._answer.found
        self._reached = self._chains.reached
        self._members = np.searchsorted(self._chains.people, self._chains.members)
        self._groups = self._chains.split.groups(options.top)
        if options.by_touch == "all" and options.top is not None:  # whoever is in several groups that were put together is in that one once
            self._members, self._groups.number = np.unique(np.stack([self._members, self._groups.number]), axis=1)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self._reached, lapses(self._chains.times), self._labels, self._required, self._members, self._groups)

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
        chosen = self._reached[:, self._checked(step) - 1]
        if dropped:
            before = previous_required(self._required, step - 1)
            chosen = self._reached[:, before] & ~chosen if before is not None else np.zeros(len(chosen), np.bool_)
        return self._set(chosen & self._in(by))

    def elapsed(self, step: int | None = None, **by: Any) -> float:
        """Return the median seconds from the first event of a chain to that of a step (by default the last), of those who reached it; or NaN."""
        passed = self._passed(step, by)[1]
        return float(np.median(passed) / 1e6) if len(passed) else np.nan

    def times(self, step: int | None = None, buckets: Sequence[str] | None = None, **by: Any) -> pd.DataFrame:
        """Return how long those who reached a step (by default the last) took from the first event of their chain.

        Parameters
        ----------
        step : int, optional
            From 1.
        buckets : sequence of str, optional
            Where buckets end, such as ``["1h", "1d", "7d"]``; by default a ladder of lengths from the shortest to the longest.
        **by
            Only of the group with these values.

        Returns
        -------
        DataFrame
            bucket (from 1), from_seconds, to_seconds (not included), people, share.
        """
        _chosen, passed = self._passed(step, by)
        return tabulate_times(passed, buckets_of(passed, buckets))

    def people_in_time(self, bucket: int, step: int | None = None, buckets: Sequence[str] | None = None, **by: Any) -> PersonSet:
        """Return the people of a bucket of :meth:`times`, asked with the same arguments."""
        chosen, passed = self._passed(step, by)
        ends = buckets_of(passed, buckets)
        chosen[chosen] = ends.numbers(passed) == ends.checked(bucket)
        return self._set(chosen)

    def trend(self, period: str = "day") -> pd.DataFrame:
        """Return the funnel of those whose chain began in each period, from the first entry to the last.

        Returns
        -------
        DataFrame
            After any `by` columns: period (its first instant, with the time zone), step, people, from_start, complete (False while the window of the
            period's last entrants has not passed; never True without a window).
        """
        entered, reached = self._chains.entered, self._reached
        first, last = (int(entered.min()), int(entered.max())) if len(entered) else (0, 0)
        calendar = clock.Calendar(period, self._tz, first, last, self._week_start)
        if not len(entered):
            return tabulate_trend(reached, entered, calendar, self._groups, self._members, 0, None).iloc[:0]
        return tabulate_trend(reached, entered, calendar, self._groups, self._members, self._answer.span[1], length(self.options.within))

    def people_in_period(self, at: Any, step: int = 1, period: str = "day", **by: Any) -> PersonSet:
        """Return the people at a step whose chain began in the period of :meth:`trend` that holds `at`."""
        entered = self._chains.entered
        calendar = clock.Calendar(period, self._tz, *((int(entered.min()), int(entered.max())) if len(entered) else (0, 0)), self._week_start)
        time = clock.instant(at, self._tz)
        if not len(entered) or not calendar.bounds[0] <= time < calendar.bounds[-1]:
            raise NoSuchCell(_("No period of the result holds {time}.").format(time=at))
        began = calendar.number(entered) == calendar.number(np.array([time]))[0]
        return self._set(self._passed(step, by)[0] & began)

    def compare(self, control: dict[str, Any], treatment: dict[str, Any]) -> pd.DataFrame:
        """Return whether two groups of the `by` columns differ in how many of them reach each step.

        Parameters
        ----------
        control, treatment : dict
            The values of a group, such as ``{"channel": "douyin"}``.

        Returns
        -------
        DataFrame
            step (from 2), label, control, treatment (shares of step 1), effect (treatment - control), low, high (its 95 % interval), p_value.
        """
        return compare(self._reached[self._in(control)].sum(axis=0), self._reached[self._in(treatment)].sum(axis=0), self._labels)

    def _checked(self, step: int) -> int:
        """Return the number of a step that there is."""
        steps = self._reached.shape[1]
        if not 1 <= step <= steps:
            raise NoSuchCell(_("There is no step {step}: steps are numbered from 1 to {steps}.").format(step=step, steps=steps))
        return step

    def _passed(self, step: int | None, by: dict[str, Any]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Return which chains reached a step, of a group, and the microseconds that each of them took."""
        k = (self._reached.shape[1] if step is None else self._checked(step)) - 1
        there = self._reached[:, k] & self._in(by)
        return there, self._chains.times[there, k] - self._chains.entered[there]

    def waiting(self, until: Any) -> PersonSet:
        """Return the people whose chain began so shortly before `until` that its time is not over yet, and who are not at the last step."""
        within = length(self.options.within)
        open_still = self._reached[:, 0] & ~self._reached[:, -1]
        if within is not None:
            since = clock.instant(until, self._tz) - within
            open_still &= self._chains.times[:, 0] > since
        return self._set(open_still)

    def _in(self, by: dict[str, Any]) -> NDArray[np.bool_]:
        """Return whether each chain belongs to a group with the given values."""
        inside = np.full(len(self._chains.people), not by)
        if by:
            inside[self._members[self._groups.chosen(by)[self._groups.number]]] = True
        return inside

    def _set(self, chosen: NDArray[np.bool_]) -> PersonSet:
        return PersonSet(self._chains.people[chosen].astype(np.uint32), self._answer.directory)

    def title(self) -> str:  # noqa: D102
        return _("Funnel: {steps}").format(steps=" → ".join(step.name for step in self.options.as_steps))

    def meaning(self) -> str:  # noqa: D102
        return define(self.options, self.left_out)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: a bar a step, or, split by something, a bar a group from the first step to the last."""
        if not self._by:
            return draw_steps(self.frame, self._required)
        counted = self._reached[np.unique(self._members)]
        return draw_groups(self.frame, self._by, float(counted[:, -1].mean()) if len(counted) else np.nan)
