r"""Activation: which early behaviour goes along with being retained.

Everyone who started long enough ago is looked at from their first ``start`` event, at t. They were *retained* if they did ``retained`` at a time u
with t + ``between[0]`` ≤ u < t + ``between[1]``. A *rule* is "did the behaviour at least k times within the window w": k or more events of it after
the start event and before t + w. With a the people who did and were retained, b who did and were not, c who did not and were, d neither, and n all of
them:

.. math::
    \text{precision} = \frac{a}{a + b} \qquad \text{others} = \frac{c}{c + d} \qquad \text{lift} = \frac{a / (a + b)}{(a + c) / n}
    \qquad \text{recall} = \frac{a}{a + c}

``phi`` is the correlation of the two, ``low`` and ``high`` the 95 % interval of precision - others (:mod:`tilth.analysis.association`). Rules are
ranked by ``score``, the lower bound of that difference put on phi's scale:

.. math:: \text{score} = \text{low} \cdot \sqrt{\frac{(a + b)(c + d)}{(a + c)(b + d)}}

It is high when the rule tells many of the retained from the others and there are enough people to be sure: a rule that hardly anybody meets, or that
hardly anybody fails, has a low bound and a small factor. The best score above 0 is recommended; of equal ones that with the lower count, then the
shorter window.

This is association: what retains people may make them do both. Only an experiment says whether leading people to a behaviour retains them.

Source: the project's own definition, docs/reference/questions/activation.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis import proportion
from tilth.analysis.association import difference, scale
from tilth.analysis.behaviour.periods import refuse_optional
from tilth.analysis.result import NoSuchCell, Result
from tilth.analysis.sampling import ONCE
from tilth.analysis.steps import AnyStep, BadStep, Step, as_step, marked, matches
from tilth.engine import clock, shards
from tilth.engine.clock import in_words, length
from tilth.engine.kernels import activation as kernels
from tilth.engine.kernels.paths import occurrences
from tilth.engine.partial import PERSONS, SHARED, TOTAL, Answer, Partial
from tilth.engine.people import PersonSet
from tilth.errors import InputError, UnknownEvent
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

COLUMNS = ("event", "at_least", "window", "people", "retained", "precision", "others", "lift", "recall", "phi", "low", "high", "score")
MOST_CONDITIONS = 32
MOST_DRAWN = 8
NOBODY = (-1, -1, -1)


@dataclass(frozen=True)
class ActivationOptions:
    """What activation can be asked.

    Parameters
    ----------
    retained : step, optional
        What people have to do to count as retained; None is any event.
    start : step, optional
        Whose first occurrence in the whole source is a person's start; None is their first event.
    candidates : sequence of step, optional
        Behaviours to try; None is every event there is.
    counts : sequence of int
        How often at least.
    windows : sequence of str
        Lengths from the start, not included, such as ``"7d"``; none may reach into `between`.
    between : (str, str)
        From when on, and until when (not included), people are looked for after their start.
    until : time, optional
        Until when the data are known; by default the time of the source's last event. Whose time is not over by then is left out.
    """

    retained: AnyStep | None = None
    start: AnyStep | None = None
    candidates: Sequence[AnyStep] | None = None
    counts: Sequence[int] = (1, 2, 3, 5)
    windows: Sequence[str] = ("1d", "7d")
    between: tuple[str, str] = ("7d", "14d")
    until: Any = None

    def __post_init__(self) -> None:
        if isinstance(self.candidates, str | Step):
            raise BadStep(_("Candidates are a list, such as ['view', 'cart']; {given} is not one.").format(given=repr(self.candidates)))
        refuse_optional(self.retained, self.start, *self.steps)
        names = [step.name for step in self.steps]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise BadStep(_("Two candidates are called {name}: give one of them another label.").format(name=repr(twice)))
        if not self.counts or any(isinstance(k, bool) or not isinstance(k, int) or k < 1 for k in self.counts):
            raise InputError(_("counts={counts}: give whole numbers from 1 up, such as (1, 2, 3).").format(counts=repr(self.counts)))
        if isinstance(self.windows, str) or not self.windows:
            raise InputError(_("windows={windows}: give a list of lengths, such as ('1d', '7d').").format(windows=repr(self.windows)))
        if isinstance(self.between, str) or len(self.between) != 2:
            raise InputError(_("between={between}: give two lengths, such as ('7d', '14d').").format(between=repr(self.between)))
        after, before = self.span
        if after >= before:
            raise InputError(_("between={between}: the first length is the shorter one.").format(between=repr(tuple(self.between))))
        for window in self.windows:
            if not length(window):
                raise InputError(_("A window is longer than nothing; {window} is not.").format(window=repr(window)))
            if (length(window) or 0) > after:
                raise InputError(
                    _("The window {window} reaches into the time in which people have to come back, from {after} on: shorten it.").format(
                        window=repr(window), after=repr(self.between[0])
                    )
                )

    @property
    def steps(self) -> list[Step]:
        """The candidates that were named, each as a Step."""
        return [as_step(step) for step in self.candidates or ()]

    @property
    def span(self) -> tuple[int, int]:
        """`between` in microseconds."""
        return length(self.between[0]) or 0, length(self.between[1]) or 0

    @property
    def spans(self) -> list[tuple[int, str]]:
        """Each window once, in microseconds and as it was written, the shortest first."""
        return sorted({length(window) or 0: window for window in self.windows}.items())

    @property
    def thresholds(self) -> list[int]:
        """Each count once, ascending."""
        return sorted(set(self.counts))


@dataclass(frozen=True)
class Early(Partial):
    """What a run over the events found.

    Attributes
    ----------
    labels : list of str
        What the candidates are called.
    table : ndarray of int64, shape (candidates, windows, counts, 2)
        People who did it, without and with being retained.
    people : ndarray of uint32, shape (started,)
        Person codes, ascending.
    came, by_rule : ndarray of bool, shape (started,)
        Whether each was retained, and did what was wanted.
    recent : int
        People whose time was not over.
    """

    labels: list[str] = field(metadata=SHARED)
    table: NDArray[np.int64] = field(metadata=TOTAL)
    people: NDArray[np.uint32] = field(metadata=PERSONS)
    came: NDArray[np.bool_]
    by_rule: NDArray[np.bool_]
    recent: int = field(metadata=TOTAL)


class Activation(Result):
    """The answer to activation.

    Attributes
    ----------
    frame : DataFrame
        event, at_least, window: the rule; people who did it, retained of them; precision and others (the shares retained of those who did and did
        not), lift, recall, phi, low and high (of precision - others), score. The best score first.
    started : int
        People who are looked at.
    stayed : int
        Those of them who were retained.
    recent : int
        People left out because their time was not over.
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {"frame": {"people": ONCE, "retained": ONCE}}

    def __init__(self, events: Events, options: ActivationOptions | None = None) -> None:
        self.options = options or ActivationOptions()
        self._events = events
        self._ranked = None if self.options.candidates is not None else names(events)
        self._answer = self._asked(NOBODY)
        self._found, self.left_out, self._labels = self._answer.found, self._answer.left_out, self._answer.found.labels
        self.started, self.stayed, self.recent = len(self._found.people), int(self._found.came.sum()), self._found.recent

    def _asked(self, wanted: tuple[int, int, int]) -> Answer[Early]:
        return self._events.ask(compute, self.options, self._ranked, wanted)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        return tabulate(self._found.table, self._labels, self.options, self.started, self.stayed)

    @property
    def recommended(self) -> dict[str, Any] | None:
        """The rule of the best score, as its row; None if no score is above 0."""
        best = self.frame.head(1)
        return best.iloc[0].to_dict() if len(best) and best["score"].iloc[0] > 0 else None

    def people(
        self, event: str | None = None, at_least: int | None = None, window: str | None = None, did: bool = True, retained: bool | None = None
    ) -> PersonSet:
        """Return the people who met a rule (with ``did=False``: who did not), only those who were, or were not, retained if that is said.

        Without an event everyone who is looked at. Without `at_least` or `window`, the lowest count or the shortest window.
        """
        answer = self._answer
        if event is not None:
            counts, windows = self.options.thresholds, [written for _micros, written in self.options.spans]
            count = 0 if at_least is None else _place(at_least, counts, "at_least")
            span = 0 if window is None else _place(window, windows, "window")
            if event not in self._labels:
                raise UnknownEvent(event, self._labels)
            answer = self._asked((self._labels.index(event), span, count))
        found = answer.found
        chosen = found.by_rule == did if event is not None else np.ones(len(found.people), np.bool_)
        if retained is not None:
            chosen = chosen & (found.came == retained)
        return PersonSet(found.people[chosen], answer.directory)

    def recommendation(self) -> str:
        """Return the recommended rule, and what it is based on, in plain words."""
        best = self.recommended
        if best is None:
            return _("No rule tells the retained from the others with certainty: there are too few people, or no behaviour goes along with it.")
        return _(
            "Recommended: {rule}. Of the {people} people who did, {precision} were retained, of the others {others}; "
            "the difference is {low} to {high} points (95% interval)."
        ).format(
            rule=worded(best["event"], best["at_least"], best["window"]),
            people=f"{best['people']:,}",
            precision=f"{best['precision']:.1%}",
            others=f"{best['others']:.1%}",
            low=f"{best['low'] * 100:.1f}",
            high=f"{best['high'] * 100:.1f}",
        )

    def title(self) -> str:  # noqa: D102
        back = as_step(self.options.retained).name if self.options.retained is not None else _("any event")
        return _("Activation: what goes along with {event}").format(event=back)

    def meaning(self) -> str:  # noqa: D102
        return define(self)

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: the best rule of each behaviour, the share retained of those who met it, and dashed of everybody."""
        return draw(self.frame, self.started, self.stayed)


def _place(value: Any, values: Sequence[Any], kind: str) -> int:
    if value not in values:
        raise NoSuchCell(
            _("The result has no {kind} of {value}; there are {known}.").format(kind=kind, value=repr(value), known=", ".join(map(repr, values)))
        )
    return values.index(value)


@dataclass(frozen=True)
class Occurrences(Partial):
    """How often each name occurs among the events looked at, by its code."""

    counts: NDArray[np.int64] = field(metadata=TOTAL)


def count(events: Events) -> Occurrences:
    """Return how often each name occurs."""
    history = events.history
    assert history.event is not None
    codes, values = history.codes(history.event)
    return Occurrences(occurrences(events.kept(codes), len(values)))


def names(events: Events) -> list[str]:
    """Return the names that occur among the events looked at, the most frequent first; of equals the first in order."""
    counts, known = events.ask(count).found.counts, events.vocabulary()
    ranked: list[int] = np.flatnonzero(counts).tolist()
    return [known[code] for code in sorted(ranked, key=lambda code: (-counts[code], known[code]))]


def compute(events: Events, options: ActivationOptions, ranked: list[str] | None, wanted: tuple[int, int, int]) -> Early:
    """Return what everyone did: of the candidates, or else of all that are `ranked`; `wanted` is the candidate, window and count of ``by_rule``."""
    history, timeline = events.history, events.history.timeline
    assert history.event is not None
    codes, values = history.codes(history.event)
    names = values.to_pylist()
    plain, special = sides(options, names, ranked)
    labels = [name for name, _codes in plain] + [step.name for step in special]
    pairs = sorted((code, candidate) for candidate, (_name, own) in enumerate(plain) for code in own)
    heads = np.searchsorted([code for code, _candidate in pairs], np.arange(len(names) + 1)).astype(np.int32)
    members = np.array([candidate for _code, candidate in pairs], np.int32)
    extra = np.zeros(len(timeline) if special else 0, np.uint32)
    for k, step in enumerate(special):
        extra |= matches(history, step).astype(np.uint32) << np.uint32(len(special) - 1 - k)
    marks, bits = marked(history, [None if step is None else as_step(step) for step in (options.start, options.retained)])
    keep = np.empty(0, np.bool_) if events.keep is None else events.keep
    windows, counts = np.array([micros for micros, _written in options.spans], np.int64), np.array(options.thresholds, np.int64)
    after, before = options.span
    known = clock.instant(options.until, events.tz) if options.until is not None else history.timeline.span[1]

    def shard(first: int, last: int) -> tuple[Any, ...]:
        return kernels.activation(  # type: ignore[no-any-return]
            timeline.offsets, timeline.times, codes, heads, members, extra, len(labels), marks, bits, keep, windows, counts,
            after, before, known, wanted, first, last,
        )  # fmt: skip

    table, people, came, by_rule, recent = shards.concatenated(shards.run(shard, timeline.offsets) or [shard(0, 0)])
    return Early(labels, table.sum(axis=0), people, came, by_rule, int(recent.sum()))


def sides(options: ActivationOptions, names: list[str], ranked: list[str] | None) -> tuple[list[tuple[str, list[int]]], list[Step]]:
    """Return the candidates that are names, with the codes of these, and those that are more than names."""
    code_of = {name: code for code, name in enumerate(names)}
    if ranked is not None:
        return [(name, [code_of[name]]) for name in ranked], []
    plain, special = [], []
    for step in options.steps:
        if step.where is not None or step.first:
            special.append(step)
            continue
        for name in step.events:
            if name not in code_of and names:
                raise UnknownEvent(name, names)
        plain.append((step.name, [code_of[name] for name in dict.fromkeys(step.events) if name in code_of]))
    if len(special) > MOST_CONDITIONS:
        raise BadStep(_("Activation takes up to {most} candidates with conditions, not {count}.").format(most=MOST_CONDITIONS, count=len(special)))
    return plain, special


def tabulate(table: NDArray[np.int64], labels: list[str], options: ActivationOptions, started: int, stayed: int) -> pd.DataFrame:
    """Return the result's frame: a row for every candidate, window and count."""
    rules = [(event, k, w) for event in labels for w in range(len(options.spans)) for k in options.thresholds]
    rows = []
    for (event, count, span), (without, a) in zip(rules, table.reshape(-1, 2).tolist(), strict=True):
        people, c = without + a, stayed - a
        rest = started - people
        low, high = difference(a, people, c, rest)
        factor = scale(a, without, c, rest - c)
        precision, others = a / people if people else np.nan, c / rest if rest else np.nan
        lift, recall = (precision * started / stayed, a / stayed) if stayed else (np.nan, np.nan)
        phi = (precision - others) * factor
        rows.append((event, count, options.spans[span][1], people, a, precision, others, lift, recall, phi, low, high, low * factor, span))
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "place"])
    frame = frame.sort_values(["score", "at_least", "place", "event"], ascending=[False, True, True, True], kind="stable", na_position="last")
    return frame.drop(columns="place").reset_index(drop=True)


def worded(event: str, at_least: int, window: str) -> str:
    """Return a rule in words."""
    if at_least == 1:
        return _("{event} within {window} of the start").format(event=event, window=in_words(window))
    return _("{event} at least {count} times within {window} of the start").format(event=event, count=at_least, window=in_words(window))


def define(result: Activation) -> str:
    """Return in plain words what the figures count."""
    options = result.options
    start = as_step(options.start).name if options.start is not None else _("any event")
    back = as_step(options.retained).name if options.retained is not None else _("any event")
    return paragraph(
        _("A person starts with their first {event}.").format(event=start),
        _("They are retained if they did {event} from {after} after it on and before {before}.").format(
            event=back, after=in_words(options.between[0]), before=in_words(options.between[1])
        ),
        _("A rule counts what they did after the start and before its time was over."),
        _("Looked at: {started} people, of whom {stayed} were retained; {recent} started too late to know.").format(
            started=f"{result.started:,}", stayed=f"{result.stayed:,}", recent=f"{result.recent:,}"
        ),
        _("Rules are ranked by the lower bound of the difference between those who did and the others, weighed by how many it tells apart."),
        _("This is association and not cause: only an experiment says whether leading people to it retains them."),
        _("The best of many rules looks better than it is: check it with people who started later."),
        _("Left out: {count} rows without a person or a time.").format(count=f"{result.left_out:,}"),
    )


def draw(frame: pd.DataFrame, started: int, stayed: int) -> dict[str, Any]:
    """Return the ECharts option of the best rule of each behaviour."""
    best = frame[frame["people"] > 0].drop_duplicates("event").head(MOST_DRAWN)
    short = _("{event} ≥ {count}, {window}")
    groups = [
        (short.format(event=row.event, count=row.at_least, window=in_words(row.window)), int(row.people), int(row.retained))
        for row in best.itertuples()
    ]
    return proportion.draw(groups, stayed / started if started else np.nan)
