"""What a funnel can be asked, and what it counts in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tilth.analysis.result import check_top, choice
from tilth.analysis.steps import AnyStep, BadStep, Exclude, Step, as_exclude, as_step
from tilth.engine.clock import in_words, length
from tilth.errors import InputError
from tilth.language import _, paragraph

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
    sessions : str, optional
        The chain lies within one session: a pause longer than this, such as ``"30m"``, ends one.
    start_is : {"every", "first"}
        Whether every event of step 1 may start a chain, or only the person's first in the whole source.
    engine : {None, "local", "spark"}
        Where it runs; by default where the events are.
    top : int, optional
        Keep so many groups, those of most people, and put the others together.
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
    sessions: str | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        choice(self.order, ("ordered", "strict", "any"), "order")
        choice(self.start_is, ("every", "first"), "start_is")
        choice(self.engine, (None, "local", "spark"), "engine")
        check_top(self.top, self.by)
        length(self.within)
        length(self.sessions)
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
    pause = in_words(options.sessions) if options.sessions else ""
    session = [_("All of them happen in one session, which ends with a pause of more than {pause}.").format(pause=pause)] if pause else []
    counted = _("Each person is counted once, by the chain of events that gets furthest; if several do, by the one that gets there first.")
    missing = _("Left out: {count} rows without a person or a time.").format(count=f"{left_out:,}")
    return paragraph(ways[options.order], window, *session, counted, missing)
