"""Kinds of questions: what a page of each asks and shows. ``measure/questions`` holds one file a kind; importing it registers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields as options_in
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.display import charts, estimates, wording
from tilth.analysis.display.tables import table_of
from tilth.analysis.result import Result
from tilth.engine.people import PersonSet
from tilth.language import paragraph
from tilth.workbench.measure.asking import narrowing
from tilth.workbench.measure.asking.answer import Answer, Cell, Chart, Definition, Figure, Table, fitting
from tilth.workbench.measure.asking.changes import UNCHANGED, Change
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.views import View
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.question import Question

KINDS: dict[str, Kind] = {}
ACTIVE, WAYS, TRADE = "active", "ways", "trade"
GROUPS = {ACTIVE: gettext_lazy("Activity and return"), WAYS: gettext_lazy("Ways and what they lead to"), TRADE: gettext_lazy("Sales and value")}
"""What kinds of questions are about, in the order of the list."""


class Asking:
    """A question being answered, with the other answers that its page shows beside it.

    Parameters
    ----------
    question : Question
    catalogue : Catalogue
    result : callable
        ``result(question)``: the answer to any question of the workspace.
    """

    def __init__(self, question: Question, catalogue: Catalogue, result: Callable[[Question], Any]) -> None:
        self.question, self.catalogue, self._result = question, catalogue, result
        self.values = question.values

    @cached_property
    def now(self) -> Any:
        """The answer."""
        return self._result(self.question)

    @cached_property
    def other(self) -> Question | None:
        """The question about the time to compare with, if there is one and the data reach back to it."""
        return self.question.kind.earlier(self.question, self.catalogue)

    @cached_property
    def before(self) -> Any:
        """The answer about the time to compare with, or None."""
        return None if self.other is None else self._result(self.other)

    @property
    def share(self) -> float:
        """The share of the people that is asked."""
        return float(self.values.get("sample", 1))

    def estimated(self, told: str, people: Mapping[str, Any]) -> str:
        """Return what a figure of a sample comes to for everybody, if it says how many people it counts."""
        counted = len(self.question.kind.people(self.now, dict(people)))
        with estimates.asked_of(self.share):
            return estimates.people(counted) if told == wording.count(counted) else told

    def having(self, **values: Any) -> tuple[Any, Any]:
        """Return the answers, now and before, with something else picked."""
        return self._result(self.question.having(**values)), None if self.other is None else self._result(self.other.having(**values))

    def figure(
        self, label: str, value: str, unit: str = "", change: Change = UNCHANGED, note: str = "", people: dict[str, Any] | None = None
    ) -> Figure:
        """Return a key figure; `note` gives way to what a change is held against. A sample's people are what they come to of everybody."""
        text, good = change
        if people is not None and self.share < 1:
            value, _sign, error = self.estimated(value, people).partition(" ± ")
            unit = f"± {error} {unit}" if error else unit
        return Figure(label, value, unit, text, good, self.question.kind.since(self.question) if text else note, people)


class Kind:
    """A kind of question. A subclass says what can be picked and in which sentence; what it does not say is shown as the result itself shows it.

    Attributes
    ----------
    code : str
        Its name in addresses.
    label, about : str
        What it is called and what it is for, translatable.
    icon : str
    group : str
        One of GROUPS.
    order : int
        Place among the kinds.
    source : {"events", "orders"}
        The facts it is asked of.
    fields : sequence of Field
        What can be picked, in the order of the address.
    sentence : str
        Translatable words with the fields' names in braces.
    further : sequence of str
        Fields that stand behind the sentence, each with words of its own.
    options : type
        The dataclass of the question's options.
    result : type
        ``result(source, options)`` is the answer.
    worn : sequence of str
        Fields that only say how the answer is shown: with another value of them nothing is computed again.
    pace : float
        Seconds that a million rows take, at most, once they are in memory.
    """

    code: ClassVar[str]
    label: ClassVar[Any]
    about: ClassVar[Any]
    icon: ClassVar[str] = "chart"
    group: ClassVar[str] = ACTIVE
    order: ClassVar[int] = 100
    source: ClassVar[str] = "events"
    fields: ClassVar[Sequence[Field]]
    sentence: ClassVar[Any]
    further: ClassVar[Sequence[str]] = ()
    options: ClassVar[type]
    result: ClassVar[Callable[..., Result]]
    worn: ClassVar[Sequence[str]] = ()
    pace: ClassVar[float] = 0.1

    @property
    def page(self) -> str:
        """The name of its page."""
        return f"measure:{self.code}"

    def options_of(self, question: Question, catalogue: Catalogue) -> Any:
        """Return the options that were picked; InputError when they do not go together."""
        known = {one.name for one in options_in(self.options)}
        return self.options(**{one.name: one.option(question.values[one.name], catalogue) for one in self.fields if one.name in known})

    def ask(self, source: Any, question: Question, catalogue: Catalogue) -> Result:
        """Ask `source`, the workspace's events or orders."""
        looked_at = narrowing.narrowed(source, question.values, catalogue) if self.source == "events" else source
        return type(self).result(looked_at, self.options_of(question, catalogue))

    def earlier(self, question: Question, catalogue: Catalogue) -> Question | None:
        """Return the question about the time to compare with; None where nothing is compared or there are no data so early."""
        values = narrowing.other_time(question.values)
        if values is None or catalogue.first_day is None or values["dates"].end < catalogue.first_day:
            return None
        return question.having(**values)

    def views(self, question: Question) -> Mapping[str, Any]:
        """Return the views that its answer has, their words by code; a kind with several has a field :class:`~.views.View`."""
        return next((one.options for one in self.fields if isinstance(one, View)), {})

    def people(self, result: Any, cell: dict[str, Any]) -> PersonSet:
        """Return the people whom a figure of its answer counts."""
        found: PersonSet = result.people(**cell)
        return found

    def since(self, question: Question) -> str:
        """Return what a change is held against, in one short word."""
        return _("year over year") if question.values.get("compare") == narrowing.YEAR else _("period over period")

    def words(self, question: Question) -> Any:
        """Return the sentence in which a question of this kind is drawn."""
        return self.sentence

    def name(self, question: Question, catalogue: Catalogue) -> str:
        """Return what a question of this kind is called until somebody gives it a name."""
        return str(self.label)

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:
        """Return who the people of a figure are."""
        told = [f"{catalogue.call(name)}: {'—' if value is None else catalogue.call(str(value))}" for name, value in cell.items()]
        return enumerated(told) or _("Everybody counted")

    # What the answer shows

    def empty(self, asking: Asking) -> str:
        """Return why there is nothing to show, or an empty text."""
        return "" if len(asking.now.frame) else _("Nobody did this in these days. Look at more days, or take a condition away.")

    def figures(self, asking: Asking) -> Iterable[Figure]:
        """Return the key figures."""
        return ()

    def charts(self, asking: Asking) -> Iterable[Chart]:
        """Return the charts."""
        option, remark = charts.drawn(asking.now)
        return [Chart(str(self.label), option, remark, height=fitting(option))]

    def tables(self, asking: Asking) -> Iterable[Table]:
        """Return the tables that the charts are drawn from."""
        return [Table.of(str(self.label), table_of(asking.now))]

    def definition(self, asking: Asking) -> Iterable[Definition]:
        """Return how the figures are counted."""
        return [(_("How it is counted"), (asking.now.definition(),))]

    def warnings(self, asking: Asking) -> Iterable[str]:
        """Return what nobody may overlook who uses the figures."""
        return ()

    def notes(self, asking: Asking) -> Iterable[str]:
        """Return what has to be known before the figures are used."""
        return ()

    def data(self, result: Any, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:
        """Return the columns, with their headings, and the figures for an export, as `question` shows them; never single people."""
        frame = result.frame
        return [(name, wording.name(name)) for name in frame.columns], frame

    def answer(self, asking: Asking) -> Answer:
        """Return all that the page shows."""
        nothing = self.empty(asking)
        definition = [*self.definition(asking), *whence(asking), *in_force(asking)]
        if nothing:
            return Answer(definition=definition, empty=nothing)
        return Answer(
            list(self.figures(asking)),
            list(self.charts(asking)),
            [scaled(table, asking) for table in self.tables(asking)],
            definition,
            [*sampled(asking), *missing_time(asking), *self.notes(asking)],
            warnings=list(self.warnings(asking)),
        )


def whence(asking: Asking) -> Iterable[Definition]:
    """Say so where orders are counted as events."""
    if asking.question.kind.source == "events" and asking.catalogue.of_orders:
        counted = _("There are no events yet, so orders are counted as events: each order whose lines sum above 0 is one event of its buyer.")
        told = _("Its time is that of its first line, its properties are those that all its lines share.")
        yield _("Where from"), (paragraph(counted, told),)


def in_force(asking: Asking) -> Iterable[Definition]:
    """Return which days, people and conditions narrow the question, and what it is held against."""
    values, catalogue = asking.values, asking.catalogue
    told = []
    if "dates" in values:
        span = values["dates"]
        told.append(_("{first} to {last}").format(first=span.start or catalogue.first_day or "…", last=span.end))
    if values.get("people"):
        told.append(narrowing.People().words(values["people"], catalogue))
    told += [one.words(catalogue) for one in values.get("where", ()) if one.finished]
    if asking.share < 1:
        told.append(_("a sample of {share} of the people").format(share=share_words(asking)))
    if told:
        yield _("Looked at"), (_("; ").join(told) + _("."),)
    if asking.other is not None and "dates" in asking.other.values:
        other = asking.other.values["dates"]
        yield _("Held against"), (_("{first} to {last}.").format(first=other.start, last=other.end),)


def scaled(table: Table, asking: Asking) -> Table:
    """Return a table whose cells say of people what they come to for everybody, where a sample is asked."""
    if asking.share == 1:
        return table

    def cell(one: Cell) -> Cell:
        return one if one.people is None else replace(one, text=asking.estimated(one.text, one.people))

    return replace(table, rows=tuple(replace(row, cells=tuple(map(cell, row.cells))) for row in table.rows))


def sampled(asking: Asking) -> Iterable[str]:
    """Say so where a sample is asked."""
    if asking.share < 1:
        told = _("A sample of {share} of the people is asked: ≈ tells what a figure comes to for everybody, ± its 95% error.")
        counted = _("Counts without ≈, charts and the people behind a figure are those of the sample.")
        yield paragraph(told.format(share=share_words(asking)), counted)


def share_words(asking: Asking) -> str:
    """Return the share of the people that is asked."""
    return f"{asking.share * 100:g}%"


def missing_time(asking: Asking) -> Iterable[str]:
    """Say so where there is nothing to compare with."""
    if asking.values.get("compare") and asking.other is None:
        yield _("There is no earlier time to compare with: the data begin on {day}.").format(day=asking.catalogue.first_day)
    elif asking.other is not None and "dates" in asking.other.values and asking.other.values["dates"].start < asking.catalogue.first_day:
        yield _("The time compared with is known only in part: the data begin on {day}.").format(day=asking.catalogue.first_day)


def register(kind: type[Kind]) -> type[Kind]:
    """Make a kind of question one that can be asked; one of events may be asked of a sample of the people."""
    if kind.code in KINDS and type(KINDS[kind.code]) is not kind:
        raise ValueError(f"there is a question {kind.code!r} already")
    if kind.source == "events" and not any(isinstance(one, narrowing.Sample) for one in kind.fields):
        place = list(kind.further).index("where") + 1 if "where" in kind.further else len(kind.further)
        kind.fields = (*kind.fields, narrowing.Sample())
        kind.further = (*kind.further[:place], "sample", *kind.further[place:])
    KINDS[kind.code] = kind()
    return kind


def ordered() -> list[Kind]:
    """Return the kinds in their order, those of a group one after the other."""
    return sorted(KINDS.values(), key=lambda kind: (list(GROUPS).index(kind.group), kind.order, kind.code))
