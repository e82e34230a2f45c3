"""The funnel by brute force: list every chain a person could walk, strike out those the rules forbid, choose the one that counts.

A chain is a tuple of links; a link is (number of the step, position of the event among those left to the person). Steps are numbered from
1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from tests.oracles.events import Event, History, Step, first_ever, holds, matching
from tests.oracles.frames import UNSPECIFIED

Chain = tuple[tuple[int, int], ...]
Group = tuple[Any, ...]

COLUMNS = ("step", "label", "people", "from_start", "from_previous", "median_seconds", "mean_seconds")


@dataclass(frozen=True)
class Exclude:
    """An event that voids a chain between two of its steps; a bare name means from the first step to the last."""

    name: str
    where: tuple[tuple[str, Any], ...] = ()
    between: tuple[int, int] | None = None


@dataclass(frozen=True)
class Funnel:
    """The question, option by option as the public method takes them."""

    steps: tuple[Step, ...]
    within: timedelta | None = None
    order: str = "ordered"
    exclude: tuple[Exclude, ...] = ()
    by: tuple[str, ...] = ()
    by_touch: str | int = "first"
    hold: tuple[str, ...] = ()
    start_is: str = "every"
    sessions: timedelta | None = None


def every_chain(question: Funnel, history: History) -> Iterator[Chain]:
    """Yield every way to give steps an event each, later links by later events, whether or not the rules allow it.

    Ordered and strict: step numbers rise, begin with 1 and leave out optional steps only. Any: each step once, in whatever order.
    """
    fits = [set(matching(step, history)) for step in question.steps]

    def may_follow(chain: Chain, number: int) -> bool:
        if question.order == "any":
            return number not in [n for n, _ in chain]
        before = chain[-1][0] if chain else 0
        left_out = question.steps[before : number - 1]
        return number > before and all(step.optional for step in left_out)

    def grow(chain: Chain) -> Iterator[Chain]:
        if chain:
            yield chain
        after = chain[-1][1] + 1 if chain else 0
        for position in range(after, len(history.left)):
            for number in range(1, len(question.steps) + 1):
                if may_follow(chain, number) and history.left[position] in fits[number - 1]:
                    yield from grow((*chain, (number, position)))

    return grow(())


def allowed(question: Funnel, history: History, chain: Chain) -> bool:
    """Say whether a chain keeps every rule."""
    events = [history.left[position] for _, position in chain]
    return (
        starts_well(question, history, events[0])
        and inside_window(question, events)
        and held(question, events)
        and unbroken(question, history, events)
        and in_one_session(question, history, chain)
        and not any(voided(question, history, chain, exclude) for exclude in question.exclude)
    )


def starts_well(question: Funnel, history: History, event: Event) -> bool:
    """start_is="first": only the person's first event in the whole source that matches step 1 may start a chain."""
    if question.start_is == "every":
        return True
    return event == first_ever(question.steps[0], history)


def inside_window(question: Funnel, events: Sequence[Event]) -> bool:
    """All within `within` of the chain's first event, the bound included."""
    return question.within is None or all(e.time - events[0].time <= question.within for e in events)


def held(question: Funnel, events: Sequence[Event]) -> bool:
    """Each held column is equal along the chain and nowhere null."""
    return all(e.row[c] is not None and e.row[c] == events[0].row[c] for c in question.hold for e in events)


def unbroken(question: Funnel, history: History, events: Sequence[Event]) -> bool:
    """Strict: nothing else strictly between two chain events' times; what shares a time with a chain event does not break it."""
    if question.order != "strict":
        return True
    return not any(one.time < other.time < after.time for one, after in pairwise(events) for other in history.left)


def in_one_session(question: Funnel, history: History, chain: Chain) -> bool:
    """Sessions: nowhere between the chain's first event and its last does the person pause for longer."""
    between = history.left[chain[0][1] : chain[-1][1] + 1]
    return question.sessions is None or all(after.time - one.time <= question.sessions for one, after in pairwise(between))


def voided(question: Funnel, history: History, chain: Chain, exclude: Exclude) -> bool:
    """Say whether an excluded event lies strictly between the two steps' times.

    The first link numbered `i` or later opens the stretch at its time. The first link numbered `j` or later closes it; where the chain
    never comes that far its last link does, for after the last step reached an excluded event does nothing. In "any" links are numbered
    as the chain fills them.
    """
    i, j = exclude.between or (1, len(question.steps))
    links = [(place if question.order == "any" else number, history.left[position].time) for place, (number, position) in enumerate(chain, start=1)]
    opened: datetime | None = None
    closed: datetime | None = None
    for number, time in links:
        if opened is None and number >= i:
            opened = time
        if closed is None and number >= j:
            closed = time
    if opened is None:
        return False
    end = closed if closed is not None else links[-1][1]
    return any(opened < e.time < end for e in history.left if e.name == exclude.name and holds(exclude.where, e.row))


def preference(question: Funnel, chain: Chain) -> tuple[Any, ...]:
    """Return what to choose the smallest of.

    Furthest first ("any": most steps); then the earliest last event; then the most optional steps; then the latest start; then the
    earliest events between; equal events in different steps: the smaller step number first.
    """
    numbers = tuple(number for number, _ in chain)
    positions = tuple(position for _, position in chain)
    optional = sum(question.steps[number - 1].optional for number in numbers)
    furthest = len(chain) if question.order == "any" else max(numbers)
    return (-furthest, positions[-1], -optional, -positions[0], positions, numbers)


def chosen(question: Funnel, history: History) -> Chain | None:
    """Return the one chain by which the person counts, or None."""
    chains = [chain for chain in every_chain(question, history) if allowed(question, history, chain)]
    return min(chains, key=lambda chain: preference(question, chain)) if chains else None


def groups(question: Funnel, history: History, chain: Chain) -> set[Group]:
    """Return the groups the person stands in by the split that was asked for; without `by` the one empty group."""
    if not question.by:
        return {()}
    events = [history.left[position] for _, position in chain]
    values: list[Group] = [tuple(e.row[c] for c in question.by) for e in events]
    known = [value for value in values if any(part is not None for part in value)]
    nothing: Group = (None,) * len(question.by)
    if question.by_touch == "all":
        return set(known)
    if question.by_touch == "first":
        return {known[0] if known else nothing}
    if question.by_touch == "last":
        return {known[-1] if known else nothing}
    for place, (number, _) in enumerate(chain, start=1):
        if (place if question.order == "any" else number) == question.by_touch:
            return {values[place - 1]}
    return set()


def members(question: Funnel, people: Sequence[History]) -> dict[Group, list[tuple[History, Chain]]]:
    """Return who stands in which group, each with their chain; without `by` there is always the one group, even when it is empty."""
    found: dict[Group, list[tuple[History, Chain]]] = {} if question.by else {(): []}
    for history in people:
        chain = chosen(question, history)
        if chain is not None:
            for group in groups(question, history, chain):
                found.setdefault(group, []).append((history, chain))
    return found


def seconds(question: Funnel, history: History, chain: Chain, step: int) -> Fraction | None:
    """Return the seconds from the chain's previous event to the one of row `step`; None when the chain does not hold it or begins there."""
    for place in range(1, len(chain)):
        if row_of(question, chain, place) == step:
            took = history.left[chain[place][1]].time - history.left[chain[place - 1][1]].time
            return Fraction(took // timedelta(microseconds=1), 1_000_000)
    return None


def row_of(question: Funnel, chain: Chain, place: int) -> int:
    """Return the number of the row that the chain's event at `place` (from 0) counts in: its step, or in "any" its place from 1."""
    return place + 1 if question.order == "any" else chain[place][0]


def reached(question: Funnel, chain: Chain, step: int) -> bool:
    """Say whether the chain counts in row `step`."""
    return step in [row_of(question, chain, place) for place in range(len(chain))]


def label(question: Funnel, step: int) -> str:
    """Return a row's label where the rules give one (in English)."""
    if question.order == "any":
        return f"{step} step" if step == 1 else f"{step} steps"
    asked = question.steps[step - 1]
    if asked.label is not None:
        return asked.label
    return asked.names[0] if len(asked.names) == 1 and not asked.where else UNSPECIFIED


def funnel(question: Funnel, people: Sequence[History]) -> list[dict[str, Any]]:
    """Return the rows of the answer."""
    rows = []
    for group, walkers in members(question, people).items():
        counts: dict[int, int] = {}
        for step in range(1, len(question.steps) + 1):
            counts[step] = sum(reached(question, chain, step) for _, chain in walkers)
            took = [s for history, chain in walkers if (s := seconds(question, history, chain, step)) is not None]
            required = [n for n in range(1, step) if not question.steps[n - 1].optional]
            rows.append(
                dict(zip(question.by, group, strict=True))
                | {
                    "step": step,
                    "label": label(question, step),
                    "people": counts[step],
                    "from_start": share(counts[step], counts[1]),
                    "from_previous": share(counts[step], counts[required[-1] if required else 1]),
                    "median_seconds": float(median(took)) if took else None,
                    "mean_seconds": float(sum(took) / len(took)) if took else None,
                }
            )
    return rows


def share(part: int, of: int) -> float | None:
    """Return a share as a fraction, null when it would be divided by 0."""
    return part / of if of else None


def people_at(question: Funnel, people: Sequence[History], step: int, group: Group = ()) -> set[Any]:
    """Return who counts in row `step` of a group."""
    return {history.person for history, chain in members(question, people).get(group, []) if reached(question, chain, step)}
