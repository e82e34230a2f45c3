"""Actions: one mutation = one function that checks permission, writes inside a transaction and leaves an audit entry.

The web, the API, jobs and the command line all call the same function::

    @action(segments, "save")
    def save_segment(actor: Actor, *, name: str, people: PersonSet) -> Segment:
        segment = Segment.objects.create(name=name)
        record(segment, people=len(people))
        return segment

``record`` says what was done to which thing; an action that ends without having said so is rolled back: what is not in the audit did not happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import models, transaction

from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.looks import free, without
from tilth.workbench.tenancy.models import Entry, Membership, Workspace
from tilth.workbench.tenancy.policy import Policy
from tilth.workbench.tenancy.roles import Role

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Actor:
    """Who acts, in which workspace, in what role, and by which way.

    Parameters
    ----------
    workspace : Workspace
    role : Role
    user : User or None
        None for a schedule or an API key whose maker has gone.
    name : str
        What the audit calls them.
    via : {"web", "api", "cli", "job"}
    scopes : frozenset of str or None
        Of an API key: the rights it was given; None for no narrowing.
    """

    workspace: Workspace
    role: Role
    user: Any = None
    name: str = ""
    via: str = "web"
    scopes: frozenset[str] | None = field(default=None)

    def has_scope(self, right: str) -> bool:
        """Whether the key that was used, if any, carries a right such as ``"segment:save"``."""
        return self.scopes is None or right in self.scopes

    @classmethod
    def of(cls, membership: Membership, via: str = "web") -> Actor:
        """Return the actor that a member is."""
        return cls(membership.workspace, Role(membership.role), membership.user, str(membership.user), via)


ACTIONS: dict[str, Callable[..., Any]] = {}
"""Every action there is, by its code: the audit and the page of rights find their words for each (see tenancy/words.py)."""

_recorded: ContextVar[list[Entry] | None] = ContextVar("tilth_recorded", default=None)


def action(policy: Policy, verb: str) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a function an action: permission by `policy` and `verb`, a transaction, an audit entry with the code ``kind.verb``.

    An argument called ``thing``, by place or by name, is handed to the policy, for rights that hang on the thing itself.
    """

    def decorate(function: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
        taken = signature(function)

        @wraps(function)
        def acted(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            policy.require(actor, verb, taken.bind(actor, *args, **kwargs).arguments.get("thing"))
            with scope.use(actor.workspace), transaction.atomic(), _recording() as entries:
                result = function(actor, *args, **kwargs)
                if not entries:
                    raise RuntimeError(f"the action {policy.kind}.{verb} ({function.__qualname__}) ended without record()")
                for entry in entries:
                    entry.code, entry.kind = f"{policy.kind}.{verb}", policy.kind
                    entry.user, entry.who, entry.role, entry.via = actor.user, actor.name[:120], actor.role, actor.via
                    entry.save()
            return result

        acted.policy, acted.verb = policy, verb  # type: ignore[attr-defined]
        ACTIONS[f"{policy.kind}.{verb}"] = acted
        return acted  # type: ignore[return-value]

    return decorate


def record(thing: Any, *, name: str | None = None, **details: Any) -> None:
    """Say, inside an action, what was done to which thing; never put personal data into `details`, only counts, codes and settings.

    Names that people type may hold a phone number all the same: what looks like a contact is masked.
    """
    entries = _recorded.get()
    if entries is None:
        raise RuntimeError("record() is for actions")
    key = str(thing.pk) if isinstance(thing, models.Model) else str(thing)
    entries.append(Entry(key=key[:64], name=free(name if name is not None else str(thing))[:200], details=without(details)))


@contextmanager
def _recording() -> Iterator[list[Entry]]:
    entries: list[Entry] = []
    token = _recorded.set(entries)
    try:
        yield entries
    finally:
        _recorded.reset(token)
