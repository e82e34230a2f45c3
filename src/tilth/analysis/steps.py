"""Steps and exclusions: how a question says which events it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tilth.engine.conditions import Condition
from tilth.engine.history import History
from tilth.engine.kernels.order import first_of_each
from tilth.errors import InputError, UnknownEvent
from tilth.language import _


class BadStep(InputError):
    """A step, or a set of steps, that makes no sense."""


@dataclass(frozen=True)
class Step:
    """Events that fill a step.

    Parameters
    ----------
    event : str or list of str
        A name, or names of which any will do.
    where : dict or Ibis expression, optional
        Only events for which it holds.
    first : bool
        Only a person's first event in the whole source that matches `event` and `where`.
    optional : bool
        A funnel's chain may leave the step out.
    label : str, optional
        What the step is called; by default its names.

    Examples
    --------
    >>> Step(["pay", "repay"]).name
    'pay / repay'
    """

    event: str | Sequence[str]
    where: Condition = None
    first: bool = False
    optional: bool = False
    label: str | None = None

    @property
    def events(self) -> tuple[str, ...]:
        """The names of which any will do."""
        return (self.event,) if isinstance(self.event, str) else tuple(self.event)

    def __post_init__(self) -> None:
        names = [self.event] if isinstance(self.event, str) else self.event
        if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
            raise BadStep(_("{given} is no event: a step takes a name, or a list of names, as text.").format(given=repr(self.event)))

    @property
    def name(self) -> str:
        """The label, or the names."""
        return self.label if self.label is not None else " / ".join(self.events)


@dataclass(frozen=True)
class Exclude:
    """Events that void a funnel's chain when they lie strictly between the times of two of its steps.

    Parameters
    ----------
    event : str or list of str
    where : dict or Ibis expression, optional
    between : (int, int), optional
        The two steps, numbered from 1; by default the first and the last.

    Examples
    --------
    >>> Exclude("refund", between=(1, 2)).between
    (1, 2)
    """

    event: str | Sequence[str]
    where: Condition = None
    between: tuple[int, int] | None = None


AnyStep = str | Sequence[str] | Step


def as_step(given: Any) -> Step:
    """Return a name, a list of names or a :class:`Step` as a Step."""
    if isinstance(given, Step):
        step = given
    elif isinstance(given, str) or (isinstance(given, Sequence) and all(isinstance(name, str) for name in given)):
        step = Step(given if isinstance(given, str) else tuple(given))
    else:
        raise BadStep(_("{given} is not a step: give an event's name, a list of names or tl.Step(...).").format(given=repr(given)))
    if not step.events:
        raise BadStep(_("A step without any event name can never be reached: name at least one event."))
    return step


def as_exclude(given: Any, steps: int) -> Exclude:
    """Return a name or an :class:`Exclude` as an Exclude whose `between` is set and lies within `steps`."""
    if not isinstance(given, str | Exclude):
        raise BadStep(_("{given} is no exclusion: give an event's name or tl.Exclude(...).").format(given=repr(given)))
    exclude = given if isinstance(given, Exclude) else Exclude(given)
    first, last = exclude.between or (1, steps)
    if not 1 <= first < last <= steps and exclude.between is not None:
        raise BadStep(
            _("An exclusion lies between two steps, the earlier first, numbered from 1 to {steps}; {between} is not that.").format(
                steps=steps, between=exclude.between
            )
        )
    return Exclude(exclude.event, exclude.where, (first, last))


def matches(history: History, step: Step | Exclude | None) -> NDArray[np.bool_]:
    """Return for every event of the whole timeline whether it fills `step`; every event fills None.

    Raises
    ------
    UnknownEvent
        For a name that never occurs in the source.
    """
    if step is None:
        return np.ones(len(history.timeline), np.bool_)
    assert history.event is not None
    found: NDArray[np.bool_] = named(history, step)[history.codes(history.event)[0]]
    if step.where is not None:
        found &= history.where(step.where)
    if isinstance(step, Step) and step.first:
        found = first_of_each(found, history.timeline.offsets)
    return found


def named(history: History, step: Step | Exclude) -> NDArray[np.bool_]:
    """Return for every code of an event's name whether `step` names it; the last place, that of code -1, is False.

    Raises
    ------
    UnknownEvent
        For a name that never occurs in the source.
    """
    assert history.event is not None
    _codes, values = history.codes(history.event)
    chosen = np.zeros(len(values) + 1, np.bool_)
    for name in (step.event,) if isinstance(step.event, str) else tuple(step.event):
        code = pc.index(values, pa.scalar(name, values.type)).as_py() if len(values) else -1
        if code < 0 and len(history.timeline):
            raise UnknownEvent(name, history.names())
        if code >= 0:
            chosen[code] = True
    return chosen


MOST_MARKED = 8
"""Steps that fit into a byte an event."""


def marked(history: History, steps: Sequence[Step | None]) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """Return which of some steps each event fills, as a code an event and the bits of each code: bit k of ``bits[codes[i]]`` is step k.

    Where steps are names alone, codes are those of the events' names, and nothing is made that is as long as the history; else it is a byte an event,
    for up to :data:`MOST_MARKED` steps. The last of the bits are those of code -1. Every event fills None.
    """
    if history.event is not None and all(step is None or (step.where is None and not step.first) for step in steps):
        codes, values = history.codes(history.event)
        bits = np.zeros(len(values) + 1, np.uint32)
        for k, step in enumerate(steps):
            bits |= (np.ones(len(bits), np.bool_) if step is None else named(history, step)).astype(np.uint32) << np.uint32(k)
        return codes, bits
    marks = np.zeros(len(history.timeline), np.uint8)
    for k, step in enumerate(steps):
        marks |= matches(history, step).astype(np.uint8) << np.uint8(k)
    return marks, np.arange(1 << MOST_MARKED, dtype=np.uint32)
