"""What resolving leaves behind: who was founded, which ids were theirs from when to when, who was found to be whom, and what needs a look."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from tilth.analysis.people.kinds import Id, Left

Founding = tuple[int, int]
"""A person before they are numbered: the place of the call that founded them, and which one of those that it founded. An earlier one is the elder."""


class Rule(IntEnum):
    """Why a link begins or ends, or one person leads to another."""

    FIRST = 0
    """The call's highest-ranking id was nobody's: a new person."""
    TOGETHER = 1
    """Named on one call (rule 2)."""
    JOINED = 2
    """Nobody's before, named on a call that could not make one person of all (rule 2)."""
    APART = 3
    """Nobody's before, but its owner would have had two values of a one-per-person kind: a person of its own (rule 2)."""
    PASSED = 4
    """Bound by somebody else (rule 5)."""
    UNBOUND = 5
    """Unbound (rule 5)."""
    PARTED = 6
    """Connected only by what was unbound (rule 5)."""
    SHARED = 7
    """On more logins than a device may have (rule 4)."""
    LIMIT = 8
    """The newest of more than the kind allows (rule 6)."""
    MERGE = 9
    """An operator's merge (rule 7)."""


class Link(NamedTuple):
    """An id was a person's for a span of calls: from `since`, up to but without `until`."""

    id: Id
    person: Founding
    since: int
    rule: Rule
    until: int | None = None
    ended: Rule | None = None


class Lead(NamedTuple):
    """From call `since` on a person is known to be another, elder one."""

    person: Founding
    into: Founding
    since: int
    rule: Rule


class Conflict(NamedTuple):
    """A call belongs to `person`, but named an id that stayed with `holder`: one-per-person values forbid that the two are one."""

    at: int
    id: Id
    holder: Founding
    person: Founding


class Passed(NamedTuple):
    """A re-used phone: it was `holder`'s and is `person`'s from this call on."""

    at: int
    id: Id
    holder: Founding
    person: Founding


class Shared(NamedTuple):
    """From this call on a device or cookie owns nobody."""

    at: int
    id: Id


class LeftOut(NamedTuple):
    """An id that a call named and that was not linked, or no longer."""

    at: int
    id: Id
    why: Left
