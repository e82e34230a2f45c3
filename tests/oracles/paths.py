"""Paths by brute force: each person's events in a list, cut and told move by move.

"One path a person, repeats kept; depth = number of the move, from 1; start: from the person's first such event; end: up to the first such event
after that; who lacks one has no path; only end: the last depth moves. count: people making this move at this depth. Options split a path by
sessions and fold repeats." Around an event: the moves before it are numbered -1, -2 … backwards from it, those after it 1, 2 ….
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise

from tests.oracles.events import Event, History, Step, matching

COLUMNS = ("depth", "source", "target", "count")
OTHER = "other"


@dataclass(frozen=True)
class Paths:
    """The question, option by option as the public method takes them."""

    start: Step | None = None
    end: Step | None = None
    around: Step | None = None
    depth: int = 5
    sessions: timedelta | None = None
    fold: bool = False
    top: int | None = None


@dataclass(frozen=True)
class Path:
    """The names of a path in order, and the number of moves of which the last leads to the event that it is told around (else 0)."""

    person: object
    names: tuple[str, ...]
    before: int = 0


def sessions(events: Sequence[Event], timeout: timedelta | None) -> list[list[Event]]:
    """Return the events in runs between whose neighbours is no pause longer than the timeout."""
    runs: list[list[Event]] = []
    for event in events:
        if runs and (timeout is None or event.time - runs[-1][-1].time <= timeout):
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


def called(question: Paths, people: Sequence[History]) -> dict[str, str]:
    """Return what each name is called in a path: beyond the `top` most frequent, equals by name, it is "other"; what is asked for never is."""
    often = Counter(e.name for history in people for e in history.left if e.name is not None)
    ranked = sorted(often, key=lambda name: (-often[name], name))
    asked = {name for step in (question.start, question.end, question.around) if step is not None for name in step.names}
    kept = set(ranked if question.top is None else ranked[: question.top]) | asked
    return {name: name if name in kept else OTHER for name in often}


def names_of(question: Paths, events: Sequence[Event], names: dict[str, str]) -> list[str]:
    told = [names[e.name] for e in events if e.name is not None]
    return [name for name, _run in groupby(told)] if question.fold else told


def whole_paths(question: Paths, people: Sequence[History]) -> list[Path]:
    """Return every path from its beginning to its end, however many moves that are."""
    names = called(question, people)
    found = []
    for history in people:
        starts = matching(question.start, history) if question.start else []
        ends = matching(question.end, history) if question.end else []
        middles = matching(question.around, history) if question.around else []
        for run in sessions(history.left, question.sessions):
            if question.around is not None:
                places = [k for k, e in enumerate(run) if e in middles]
                if places:
                    before = names_of(question, run[: places[0] + 1], names)
                    after = names_of(question, run[places[0] :], names)
                    found.append(Path(history.person, (*before, *after[1:]), len(before) - 1))
                continue
            first = 0
            if question.start is not None:
                places = [k for k, e in enumerate(run) if e in starts]
                if not places:
                    continue
                first = places[0]
            last = len(run) - 1
            if question.end is not None:
                places = [k for k, e in enumerate(run) if e in ends and (k > first or question.start is None)]
                if not places:
                    continue
                last = places[0]
            found.append(Path(history.person, tuple(names_of(question, run[first : last + 1], names))))
    return found


def moves(question: Paths, path: Path) -> list[tuple[int, str, str]]:
    """Return the moves that are looked at: depth, source, target."""
    steps = list(pairwise(path.names))
    if question.around is not None:
        numbered = [(k - path.before if k < path.before else k - path.before + 1, *step) for k, step in enumerate(steps)]
        return [move for move in numbered if -question.depth <= move[0] <= question.depth]
    if question.end is not None and question.start is None:
        steps = steps[-question.depth :]
    return [(k, *step) for k, step in enumerate(steps[: question.depth], 1)]


def paths(question: Paths, people: Sequence[History]) -> dict[tuple[int, str, str], set[object]]:
    """Return who makes each move at each depth."""
    cells: dict[tuple[int, str, str], set[object]] = {}
    for path in whole_paths(question, people):
        for move in moves(question, path):
            cells.setdefault(move, set()).add(path.person)
    return cells


def transitions(question: Paths, people: Sequence[History]) -> Counter[tuple[str, str]]:
    """Return how often each move is made in whole paths."""
    return Counter(step for path in whole_paths(question, people) for step in pairwise(path.names))
