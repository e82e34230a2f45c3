"""The frequency page: how many people did something once, twice, three times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.frequency import Frequency, FrequencyOptions, draw
from tilth.analysis.display import wording
from tilth.analysis.display.tables import table_of
from tilth.analysis.proportion import interval
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Formula, Table
from tilth.workbench.measure.asking.counted import counted_axis, quantile
from tilth.workbench.measure.asking.fields import Choice, Split
from tilth.workbench.measure.asking.kinds import Asking, Kind, register
from tilth.workbench.measure.asking.more_events import usual
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.groups import split_chart

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

OVER = {
    None: gettext_lazy("over all these days"),
    "day": gettext_lazy("in each day"),
    "week": gettext_lazy("in each week"),
    "month": gettext_lazy("in each month"),
}


@register
class FrequencyPage(Kind):
    """How many times."""

    code = "frequency"
    label = gettext_lazy("Frequency")
    about = gettext_lazy("How many people did something once, twice, three times: single buyers and regulars.")
    icon = "bars"
    order = 20
    fields: ClassVar = (
        Dates("90d"),
        Event("event", usual("pay"), gettext_lazy("What they did"), anything=True),
        Choice("period", OVER, None, gettext_lazy("Counted")),
        Split(),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, how many times people did {event} {period}")
    further = ("by", "people", "where", "compare")
    options = FrequencyOptions
    result = Frequency

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        step = question.values["event"]
        return _("Frequency: {event}").format(event=catalogue.events_called(step.events) if step else _("any event"))

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        step = question.values["event"]
        event = catalogue.events_called(step.events) if step else _("any event")
        words = (
            _("Did {event} at least {number} times")
            if "at_least" in cell
            else _("Did {event} {number} times")
            if "times" in cell
            else _("Did {event}")
        )
        told = words.format(event=event, number=cell.get("at_least", cell.get("times")))
        return enumerated([told, *(catalogue.call_value(name, value) for name, value in cell.items() if name not in ("at_least", "times"))])

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        (now, before), counted = asking.having(by=None), pgettext("how many", "people")
        size, then = len(now.people()), None if before is None else len(before.people())
        change = changes.relative(size, then) if then is not None else changes.UNCHANGED
        yield asking.figure(pgettext("figure", "People who did it"), wording.count(size), counted, change, people={})
        times, earlier = _times(now.frame), None if before is None else _times(before.frame)
        change = changes.relative(times, earlier) if earlier is not None else changes.UNCHANGED
        yield asking.figure(_("Times in all"), wording.count(times), "", change)
        mean = _mean(now.frame)
        change = changes.relative(mean, _mean(before.frame)) if before is not None else changes.UNCHANGED
        note = _("half of them at most {median}").format(median=wording.count(quantile(now.frame["times"], now.frame["people"], 0.5)))
        label = _("Times a person, on average") if asking.values["period"] is None else _("Times a person and period, on average")
        yield asking.figure(label, f"{mean:.2f}", "", change, note)
        again, earlier_again = len(now.people(at_least=2)), None if before is None else len(before.people(at_least=2))
        change = changes.relative(again, earlier_again) if earlier_again is not None else changes.UNCHANGED
        yield asking.figure(_("Twice and more"), wording.count(again), counted, change, people={"at_least": 2})
        shares = changes.points((again, size), (earlier_again, then)) if earlier_again is not None and then is not None else changes.UNCHANGED
        low, high = interval(again, size)
        sure = f"{wording.percent(low, sign=False)}–{wording.percent(high)}"
        yield asking.figure(_("Share with twice and more"), wording.percent(again / size, sign=False), "%", shares, sure)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        (now, _before), by, each = asking.having(by=None), asking.values["by"], asking.values["period"] is not None
        remark = _("A person counts once for each period in which they did it") if each else _("Each person once")
        yield Chart(_("People by number of times"), counted_axis(draw(now.frame)), remark, 6 if by else 12, 300 if by else 268)
        if by:
            yield split_chart(asking, _("Shares by {property}"))

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        now, _before = asking.having(by=None)
        if asking.values["by"]:
            yield Table.of(_("By {property}").format(property=wording.name(asking.values["by"])), table_of(asking.now))
        yield Table.of(_("By number of times"), table_of(now))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["by"]:
            told = _("The value on the first of a person's events that are counted; counted by period, in each period.")
            yield _("Whose group"), (told,)
        yield _("Formula"), (Formula(_("average = times in all ÷ people who did it")),)
        elsewhere = _("An average over all visitors or members would also count those who never did it: that figure is lower than this one.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Frequency, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        groups = [(name, wording.name(name)) for name in result.by]
        return [*groups, ("times", pgettext("how often", "Times")), ("people", pgettext("column", "People"))], result.frame


def _times(frame: pd.DataFrame) -> int:
    return int((frame["times"] * frame["people"]).sum())


def _mean(frame: pd.DataFrame) -> float:
    total = frame["people"].sum()
    return _times(frame) / total if total else float("nan")
