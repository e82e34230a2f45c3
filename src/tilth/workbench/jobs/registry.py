"""The kinds of background work: a function each, registered under its kind.

An app's kinds stand in its ``jobs.py``::

    @job("data.load", label=_("Load a file"), limit="2h", right="load:run")
    def load_file(run: Run, *, upload: int) -> dict | None:
        for number, piece in enumerate(pieces, 1):
            run.check()
            take(piece)
            run.progress(number, len(pieces))
        return {"accepted": 12}

The function runs in a process of its own, inside the scope of its workspace; ``run.actor`` is the one who asked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tilth.engine.clock import length
from tilth.errors import InputError, UnknownName
from tilth.workbench.jobs.run import Run

__all__ = ["KINDS", "Kind", "Run", "after", "find", "job"]


@dataclass(frozen=True)
class Kind:
    """A kind of background work.

    Attributes
    ----------
    name : str
    label : str
        In words, translatable.
    function : callable
        ``function(run, **arguments)``; returns what the job's page shows, as JSON, or None.
    limit : float or None
        Seconds after which an attempt is ended; None for the installation's ``worker.job_minutes``.
    retries : int
        How often it is tried again after a fault or the loss of its worker.
    safe_to_repeat : bool
        Whether an attempt that was cut off anywhere may simply be made again: then the loss of a worker never costs a retry.
    right : str
        ``"load:run"``: who may start, cancel and repeat it; empty for everybody who may start jobs.
    priority : int
        Of jobs that wait, those of the highest are taken first; from −100 to 100.
    """

    name: str
    label: Any
    function: Callable[..., Any]
    limit: float | None
    retries: int
    safe_to_repeat: bool
    right: str
    priority: int = 0

    def check_arguments(self, arguments: dict[str, Any]) -> None:
        """Raise InputError unless the function takes these arguments."""
        try:
            inspect.signature(self.function).bind(None, **arguments)
        except TypeError as fault:
            raise InputError(_("The job {kind} cannot be started so: {fault}.").format(kind=self.name, fault=fault)) from fault


KINDS: dict[str, Kind] = {}
FOLLOWERS: dict[str, list[Callable[[Run], object]]] = {}


def job(
    kind: str, *, label: Any, limit: str | None = None, retries: int = 0, safe_to_repeat: bool = False, right: str = "", priority: int = 0
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a module's function as a kind of background work; see :class:`Kind`. `limit` is written ``"2h"``."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        there = KINDS.get(kind)
        if there is not None and (there.function.__module__, there.function.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"there is a job of the kind {kind!r} already, in {there.function.__module__}")
        micros = length(limit)
        KINDS[kind] = Kind(kind, label, function, micros / 1e6 if micros else None, retries, safe_to_repeat, right, priority)
        return function

    return register


def after(*kinds: str) -> Callable[[Callable[[Run], object]], Callable[[Run], object]]:
    """Have ``function(run)`` called in a job's own process when one of some kinds is done; a fault of it is logged and changes nothing."""

    def register(function: Callable[[Run], object]) -> Callable[[Run], object]:
        for kind in kinds:
            there = FOLLOWERS.setdefault(kind, [])
            if function not in there:
                there.append(function)
        return function

    return register


def find(kind: str) -> Kind:
    """Return a kind by its name; UnknownName when no app has registered it."""
    if kind not in KINDS:
        raise UnknownName(_("kind of job"), kind, KINDS)
    return KINDS[kind]
