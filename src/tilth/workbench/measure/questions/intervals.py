"""The intervals page: how long people take from one thing to another, or until they do the same again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from tilth.analysis.behaviour.intervals import Intervals, IntervalsOptions
from tilth.analysis.display import charts, wording
from tilth.analysis.display.tables import table_of
from tilth.workbench.measure.asking import changes
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Table
from tilth.workbench.measure.asking.counted import counted_axis, from_lengths
from tilth.workbench.measure.asking.fields import Choice, Length, Split
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.more_events import usual
from tilth.workbench.measure.asking.narrowing import Compare, Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated
from tilth.workbench.measure.questions.groups import split_chart

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue


@register
class IntervalsPage(Kind):
    """How long it takes."""

    code = "intervals"
    label = gettext_lazy("Intervals")
    about = gettext_lazy("How long people take from one step to another, or from one purchase to the next: when a reminder is due.")
    icon = "span"
    group = WAYS
    order = 20
    fields: ClassVar = (
        Dates("90d"),
        Event("a", usual("view", "pay"), pgettext_lazy("event", "From")),
        Event("b", usual("view", "pay", place=1), pgettext_lazy("event", "To"), without=gettext_lazy("the next of the same")),
        Length("within", None, ("1h", "1d", "3d", "7d", "14d", "30d"), gettext_lazy("Longest time")),
        Choice(
            "starts",
            {"every": gettext_lazy("from each one"), "nearest": gettext_lazy("from the last one before it")},
            "every",
            gettext_lazy("Which start"),
        ),
        Split(),
        People(),
        Where(),
        Compare(),
    )
    sentence = gettext_lazy("In {dates}, the time from {a} to {b}, within {within}, {starts}")
    further = ("by", "people", "where", "compare")
    options = IntervalsOptions
    result = Intervals

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        a, b = question.values["a"], question.values["b"]
        start = catalogue.events_called(a.events) if a else "…"
        if b is None:
            return _("Time between: {event}").format(event=start)
        return _("Time: {start} → {end}").format(start=start, end=catalogue.events_called(b.events))

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        told = [_("Not followed in time") if cell.get("ended") is False else _("Took this long") if "bucket" in cell else _("Followed in time")]
        groups = [catalogue.call_value(name, value) for name, value in cell.items() if name not in ("bucket", "ended")]
        return enumerated([*told, *groups])

    def empty(self, asking: Asking) -> str:  # noqa: D102
        none = not asking.now.summary["starts"].sum()
        return _("Nobody did the first of these in these days. Look at more days, or take a condition away.") if none else ""

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, before = asking.having(by=None)
        whole, then = now.summary.iloc[0], before.summary.iloc[0] if before is not None and len(before.summary) else None

        def change(name: str, good: bool | None) -> changes.Change:
            return changes.UNCHANGED if then is None else changes.relative(whole[name], then[name], good)

        note = _("a quarter within {length}").format(length=wording.duration(whole["p25_seconds"]))
        yield asking.figure(_("Half take at most"), wording.duration(whole["median_seconds"]), "", change("median_seconds", False), note)
        note = _("on average {length}").format(length=wording.duration(whole["mean_seconds"]))
        yield asking.figure(_("Nine in ten take at most"), wording.duration(whole["p90_seconds"]), "", change("p90_seconds", False), note)
        counted = pgettext("how many", "people")
        yield asking.figure(_("People followed in time"), wording.count(whole["people"]), counted, change("people", True), people={})
        share = whole["intervals"] / whole["starts"] if whole["starts"] else float("nan")
        note = _("{intervals} of {starts} starts").format(intervals=wording.count(whole["intervals"]), starts=wording.count(whole["starts"]))
        yield Figure(_("Starts followed in time"), wording.percent(share, sign=False), "%", note=note)
        waiting = len(now.people(ended=False))
        yield asking.figure(_("People with a start that was not"), wording.count(waiting), counted, people={"ended": False})

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        by = asking.values["by"]
        whole, _before = asking.having(by=None)
        option = counted_axis(from_lengths(charts.drawn(whole)[0], whole.buckets))
        remark = _("Each bar counts from its length on, up to the next one's")
        if not by:
            yield Chart(_("Starts by the time they took"), option, remark)
            return
        yield Chart(_("Starts by the time they took"), option, remark, 6, 300)
        yield split_chart(asking, _("Shares by {property}"), asking.now.buckets)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        by = asking.values["by"]
        title = _("By {property}").format(property=wording.name(by)) if by else _("By length")
        yield Table.of(title, table_of(asking.now))

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["by"]:
            yield _("Whose group"), (_("The value on the event from which time is taken."),)
        told = _("Starts near the end of these days may still be followed later: they count as not followed, so long times are counted too rarely.")
        yield _("Unfinished"), (told,)

    def data(self, result: Intervals, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heads = {
            **{name: wording.name(name) for name in result.by},
            "length": _("Length"),
            "from_seconds": _("From seconds"),
            "to_seconds": _("To seconds"),
            "intervals": _("Intervals"),
            "people": pgettext("column", "People"),
            "share": _("Share"),
        }
        names = result.buckets.names()
        frame = result.frame.assign(length=[names[bucket - 1] for bucket in result.frame["bucket"]])
        return list(heads.items()), frame.replace({"to_seconds": {np.inf: np.nan}})
