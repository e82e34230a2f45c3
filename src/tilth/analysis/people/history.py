"""What is taken back: a merge that is undone counts as if it had never been, an id that is erased as if it had never been named.

A chapter is what was known from one undoing to the next: asked as of a time before the undoing, the people are still one. Erasure leaves no chapter
that still knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tilth.analysis.people.calls import Call
from tilth.analysis.people.kinds import Id, Kinds
from tilth.analysis.people.ledger import Ledger
from tilth.analysis.people.records import Founding, Lead, Link

Placed = tuple[int, Call]


class Known(NamedTuple):
    """Something that was known from one call on, up to but without another; None for the beginning and for now."""

    what: Link | Lead | tuple[int, Founding | None]
    recorded: int | None
    superseded: int | None


@dataclass(frozen=True)
class History:
    """What the calls of one component tell: the ledger as it stands, and everything with the span in which it was known."""

    ledger: Ledger
    known: tuple[Known, ...]


def told(calls: Sequence[Placed], kinds: Kinds) -> History:
    """Return the history of calls in order, with their places among all calls."""
    calls = _without_erased(calls, kinds)
    undoings = _undoings(calls)
    cuts = [at for at, _ in undoings]
    undone = [frozenset[str](), *(undone for _, undone in undoings)]
    chapters = [_run([(at, call) for at, call in calls if at < cut], kinds, before) for cut, before in zip(cuts, undone, strict=False)]
    chapters.append(_run(calls, kinds, undone[-1]))
    return History(chapters[-1], tuple(_spans(chapters, cuts)))


def _undoings(calls: Sequence[Placed]) -> list[tuple[int, frozenset[str]]]:
    """Return each call that undoes an earlier merge, with all merges undone by then."""
    merges: set[str] = set()
    undone: set[str] = set()
    found = []
    for at, call in calls:
        if call.says == "merge":
            merges.add(call.message)
        elif call.says == "undo" and call.of in merges - undone:
            undone.add(call.of)
            found.append((at, frozenset(undone)))
    return found


def _run(calls: Sequence[Placed], kinds: Kinds, undone: frozenset[str]) -> Ledger:
    ledger = Ledger(kinds, undone)
    for at, call in calls:
        ledger.take(at, call)
    return ledger


def _without_erased(calls: Sequence[Placed], kinds: Kinds) -> Sequence[Placed]:
    """Return the calls without the ids of the people who asked to be forgotten: those that were theirs when they asked, from all calls until then."""
    for place, (erased_at, erasing) in enumerate(calls):
        if erasing.says != "erase":
            continue
        before = calls[:place]
        undoings = _undoings(before)
        ledger = _run(before, kinds, undoings[-1][1] if undoings else frozenset())
        owners = {owner for i in erasing.ids if (owner := ledger.owner(i)) is not None}
        gone: set[Id] = set(erasing.ids).union(*(ledger.ids(owner) for owner in owners))
        calls = [(at, _stripped(call, gone) if at <= erased_at else call) for at, call in calls]
    return calls


def _stripped(call: Call, gone: set[Id]) -> Call:
    return replace(call, ids=tuple(i for i in call.ids if i not in gone))


def _spans(chapters: Sequence[Ledger], cuts: Sequence[int]) -> list[Known]:
    """Return what the chapters know, what one takes over from the one before only once."""
    found: list[Known] = []
    going: dict[object, Known] = {}
    for number, chapter in enumerate(chapters):
        recorded = cuts[number - 1] if number else None
        now = {_same(what, recorded): what for what in _facts(chapter)}
        for key in [key for key in going if key not in now]:
            found.append(going.pop(key)._replace(superseded=recorded))
        for key, what in now.items():
            going[key] = Known(what, going[key].recorded if key in going else recorded, None)
        if number < len(cuts):
            going = {_same(known.what, cuts[number]): known for known in going.values()}
    return [*found, *going.values()]


def _facts(ledger: Ledger) -> list[Link | Lead | tuple[int, Founding | None]]:
    return [*ledger.links, *ledger.leads.values(), *ledger.whose.items()]


def _same(what: Link | Lead | tuple[int, Founding | None], cut: int | None) -> object:
    """Return what makes it the same fact at an undoing: a link that ends only afterwards was open then."""
    if isinstance(what, Link) and cut is not None and what.until is not None and what.until >= cut:
        return what._replace(until=None, ended=None)
    return what
