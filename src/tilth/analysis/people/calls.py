"""Calls as identity sees them: when, which ids, and what the call says about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tilth.analysis.people.kinds import Id, Kinds, Left

Says = Literal["event", "identify", "alias", "bind", "unbind", "profile", "group", "merge", "undo", "erase"]
STATEMENTS = ("identify", "alias", "bind")
"""Calls that say whose an id is, rather than something that happened while it was there: they alone take a phone over."""
RARE = ("unbind", "merge", "undo", "erase")
"""Calls that are no sign of life of those whom they name."""
TAKING_BACK = ("undo", "erase")
"""Calls after which others count as if they had never been, or had never named somebody."""


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes
    ----------
    time : int
        When it happened, corrected for the client's clock; microseconds since 1970 in UTC.
    message : str
        Its message id: breaks ties of time, and recognises a repeat.
    ids : tuple of (kind, value)
        As the client names and writes them, in its order. Of an ``unbind`` with several, the highest-ranking one is who the others are parted from;
        a single one is parted from whatever it is with.
    says : str
        The collector's kinds, and those of operators: ``merge`` (these are one person), ``undo`` (of a merge), ``erase`` (forget these people).
    of : str
        Of an ``undo``: the message id of the merge.
    reason : str
        Of an operator's call: why.
    """

    time: int
    message: str
    ids: tuple[Id, ...] = ()
    says: Says = "event"
    of: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Read:
    """A call whose ids have been read: normalised, each once, what cannot be used apart."""

    call: Call
    ids: tuple[Id, ...]
    left: tuple[tuple[Id, Left], ...]


def in_order(calls: Iterable[Call]) -> list[Call]:
    """Return the calls in the order in which they count: by their own time, ties by message id; each message once."""
    seen: set[str] = set()
    found = []
    for call in sorted(calls, key=lambda one: (one.time, one.message)):
        if call.message not in seen:
            seen.add(call.message)
            found.append(call)
    return found


def read(call: Call, kinds: Kinds) -> Read:
    """Return the call with its ids as the workspace's kinds read them."""
    ids: dict[Id, None] = {}
    left: list[tuple[Id, Left]] = []
    for name, value in call.ids:
        one = kinds.read(name, value)
        if isinstance(one, Left):
            left.append(((name, value), one))
        else:
            ids[one] = None
    return Read(call, tuple(ids), tuple(left))
