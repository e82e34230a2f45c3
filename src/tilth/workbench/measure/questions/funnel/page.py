"""What is asked about a funnel, its key figures, and how it is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.funnel import Funnel, FunnelOptions
from tilth.analysis.display import wording
from tilth.analysis.proportion import interval
from tilth.engine.people import PersonSet
from tilth.workbench.measure.asking import changes, views
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Formula, Table
from tilth.workbench.measure.asking.exclusions import Exclusions
from tilth.workbench.measure.asking.fields import Bound, Choice, Hold, Length, Split
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Steps, numbered
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.funnel import pair, steps, times, trend

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

STEPS, TIMES, TREND, PAIR = "steps", "times", "trend", "pair"
VIEWS = {
    STEPS: gettext_lazy("Steps"),
    TIMES: gettext_lazy("Time it takes"),
    TREND: gettext_lazy("Trend"),
    PAIR: gettext_lazy("Two groups"),
}
DRAWN: Mapping[str, ModuleType] = {STEPS: steps, TIMES: times, TREND: trend, PAIR: pair}


@register
class FunnelPage(Kind):
    """Steps one after the other."""

    code = "funnel"
    label = gettext_lazy("Funnel")
    about = gettext_lazy("How many people go from step to step, where they are lost, and which channel gets furthest.")
    icon = "filter"
    group = WAYS
    order = 10
    fields: ClassVar = (
        Dates("30d"),
        Choice(
            "order",
            {"ordered": gettext_lazy("in this order"), "strict": gettext_lazy("directly one after the other"), "any": gettext_lazy("in any order")},
            "ordered",
            gettext_lazy("Order"),
        ),
        Steps("steps", lambda catalogue: catalogue.usual("view", "cart", "checkout", "pay")),
        Length("within", "7d", ("30m", "1h", "1d", "3d", "7d", "14d", "30d"), gettext_lazy("Longest time")),
        Bound(
            "sessions",
            ("10m", "30m", "1h", "2h"),
            gettext_lazy("One session"),
            add=gettext_lazy("+ within one session"),
            words=gettext_lazy("within one session, which a pause of {picker} ends"),
            remove=gettext_lazy("Over any sessions"),
        ),
        Exclusions(),
        Hold(),
        Split(),
        pair.Pair(PAIR),
        People(),
        Where(),
        Compare(),
        views.InView("each", TREND, gettext_lazy("trend by {picker}"), trend.PERIODS, "day", gettext_lazy("Period")),
        views.View(VIEWS),
    )
    sentence = gettext_lazy("In {dates}, {order}: {steps}, within {within}")
    further = ("sessions", "exclude", "hold", "by", "pair", "people", "where", "compare", "each")
    worn = ("pair", "each", "view")
    options = FunnelOptions
    result = Funnel

    def views(self, question: Question) -> Mapping[str, Any]:
        """Return the views: without a second step nothing takes time, and without a split there are no two groups."""
        several = len(question.values["steps"]) > 1
        wanted = {STEPS: True, TIMES: several, TREND: several, PAIR: several and question.values["by"]}
        return {code: words for code, words in VIEWS.items() if wanted[code]}

    def people(self, result: Funnel, cell: dict[str, Any]) -> PersonSet:
        """Return the people of a step, of a length of time, or of those who began in a period."""
        if "bucket" in cell:
            return times.people(result, cell)
        return trend.people(result, cell) if "began" in cell else result.people(**cell)

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        return " → ".join(catalogue.events_called(step.events) for step in question.values["steps"])

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        called = numbered([catalogue.events_called(step.events) for step in question.values["steps"]])
        step = min(max(int(cell.get("step", 1)), 1), len(called))
        by = question.values["by"]
        group = [catalogue.call_value(by, cell[by])] if by in cell else []
        if "bucket" in cell:
            told = _("Reached “{step}” in this time").format(step=called[-1])
        elif question.values["order"] == "any":
            told = _("Did at least {number} of the steps").format(number=step)
        elif cell.get("dropped"):
            told = _("Reached “{one}”, not “{next}”").format(one=called[max(step - 2, 0)], next=called[step - 1])
        else:
            told = _("Reached “{step}”").format(step=called[step - 1])
        began = [_("began in {cohort}").format(cohort=cell["began"])] if "began" in cell else []
        return enumerated([told, *began, *group])

    def empty(self, asking: Asking) -> str:  # noqa: D102
        nobody = not len(asking.now.people(1))
        return _("Nobody took the first step in these days. Look at more days, or take a condition away.") if nobody else ""

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        whole, before = asking.having(by=None)
        labels, people = whole.frame["label"].tolist(), whole.frame["people"].tolist()
        earlier = before.frame["people"].tolist() if before else None
        last = len(labels)
        counted = pgettext("how many", "people")
        for place, label in ((0, _("Entered: {step}").format(step=labels[0])), (last - 1, labels[-1]))[:last]:
            change = changes.relative(people[place], earlier[place]) if earlier else changes.UNCHANGED
            yield asking.figure(label, wording.count(people[place]), counted, change, people={"step": place + 1})
        if last == 1:
            return
        change = changes.points((people[-1], people[0]), (earlier[-1], earlier[0])) if earlier else changes.UNCHANGED
        low, high = interval(people[-1], people[0])
        sure = f"{wording.percent(low, sign=False)}–{wording.percent(high)}"
        yield asking.figure(_("Overall conversion"), wording.percent(people[-1] / people[0], sign=False), "%", change, sure)
        lost = [a - b for a, b in pairwise(people)]
        worst = max(range(len(lost)), key=lost.__getitem__)
        if lost[worst] > 0 and asking.values["order"] != "any":
            label = _("Most lost: {one} → {next}").format(one=labels[worst], next=labels[worst + 1])
            share = _("{share} of all lost").format(share=wording.percent(lost[worst] / (people[0] - people[-1])))
            yield asking.figure(label, wording.count(lost[worst]), counted, note=share, people={"step": worst + 2, "dropped": True})
        median = whole.elapsed()
        change = changes.relative(median, before.elapsed(), up_is_good=False) if before else changes.UNCHANGED
        yield asking.figure(_("Median time, first step to last"), wording.duration(median), "", change)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        yield from DRAWN[views.shown(asking.question)].charts(asking)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        yield from DRAWN[views.shown(asking.question)].tables(asking)

    def data(self, result: Funnel, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        view = views.shown(question) if question is not None else STEPS
        if question is None or view == STEPS:
            return super().data(result, question)
        found: tuple[list[tuple[str, str]], pd.DataFrame] = DRAWN[view].data(result, question)
        return found

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        labels = asking.having(by=None)[0].frame["label"].tolist()
        yield _("How it is counted"), (asking.now.definition(),)
        if len(labels) > 1:
            overall = _("overall conversion = people of {last} ÷ people of {first}").format(last=labels[-1], first=labels[0])
            yield _("Formula"), (Formula(overall), Formula(_("conversion = people of the step ÷ people of the step before")))
        called = [asking.catalogue.events_called(step.events) for step in asking.values["steps"]]
        if asking.values["exclude"]:
            told = enumerated(one.words(asking.catalogue, called) for one in asking.values["exclude"])
            yield _("Excluded"), (_("A chain counts only with {exclusions}.").format(exclusions=told),)
        if asking.values["hold"]:
            same = _("All events of a chain have the same value of {property}; it must be known.")
            yield _("Same value"), (same.format(property=wording.name(asking.values["hold"])),)
        if asking.values["by"]:
            yield _("Whose group"), (_("The value on the first event of the chain that has one; the groups add up to all."),)
        waiting = len(asking.now.waiting(asking.catalogue.known_until(asking.values["dates"]))) if asking.values["within"] else 0
        if waiting:
            open_still = _("{count} people still have time to finish at the end of the data; they are counted, so the share can still rise.")
            yield _("Unfinished"), (open_still.format(count=f"{waiting:,}"),)
        yield (
            _("Elsewhere"),
            (_("Store back offices divide buyers by visitors of the same day, in no order and without a window: those shares are other figures."),),
        )
