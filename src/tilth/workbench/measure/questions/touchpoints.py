"""The touchpoints page: by which channels people came before they converted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from tilth.analysis.behaviour.touchpoints import BETWEEN, Touchpaths, TouchpointsOptions, draw
from tilth.analysis.display import wording
from tilth.errors import InputError
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Definition, Figure, Row, Table, fitting
from tilth.workbench.measure.asking.fields import Amount, Grouping, Length, Repeats
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.more_events import Added, usual
from tilth.workbench.measure.asking.narrowing import Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

MOST_PATHS = 50
"""Paths that the table shows; an export has all."""
WIDTH = 240
"""Pixels for the name of a path beside its bar."""


@register
class TouchpointsPage(Kind):
    """Channel after channel."""

    code = "touchpoints"
    label = gettext_lazy("Touchpoints")
    about = gettext_lazy("By which channels people came, one after the other, before they bought: which come first, and which work together.")
    icon = "route"
    group = WAYS
    order = 40
    fields: ClassVar = (
        Dates("90d"),
        Grouping("channel", "channel", gettext_lazy("Channels")),
        Event("conversion", usual("pay"), gettext_lazy("Conversion")),
        Length("lookback", "30d", ("1d", "7d", "14d", "30d", "90d"), gettext_lazy("Longest time before it")),
        Repeats(),
        Amount("value", "value", pgettext_lazy("of conversions", "Value"), gettext_lazy("no value")),
        Added(
            "touch",
            gettext_lazy("Touch"),
            add=gettext_lazy("+ only some touches"),
            words=gettext_lazy("touches are {picker} only"),
            remove=gettext_lazy("Every event that has a channel"),
        ),
        People(),
        Where(),
    )
    sentence = gettext_lazy("In {dates}, by which {channel} people came to {conversion}, at most {lookback} before it, {fold}, worth {value}")
    further = ("touch", "people", "where")
    options = TouchpointsOptions
    result = Touchpaths.of
    pace = 0.2

    def options_of(self, question: Question, catalogue: Catalogue) -> TouchpointsOptions:  # noqa: D102
        if question.values["channel"] is None or question.values["conversion"] is None:
            raise InputError(_("Touchpoints need a property that names channels, and an event to come to."))
        made: TouchpointsOptions = super().options_of(question, catalogue)
        return made

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        step = question.values["conversion"]
        return _("Touchpoints before {event}").format(event=catalogue.events_called(step.events) if step else "…")

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        if "path" in cell:
            with wording.calling(catalogue.naming(question.values["channel"])):
                return _worded(cell["path"])
        return {True: _("Came and converted"), False: _("Came and did not convert"), None: _("Came by a channel")}[cell.get("converted")]

    def empty(self, asking: Asking) -> str:  # noqa: D102
        if len(asking.now.frame):
            return ""
        return _("Nobody came by any of these in these days. Pick another property, look at more days, or take a condition away.")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, frame, counted = asking.now, asking.now.frame, pgettext("how many", "people")
        touched = int(frame["conversions"].sum())
        conversions = touched + now.untouched
        note = _("{count} without any touch before").format(count=wording.count(now.untouched))
        yield Figure(_("Conversions"), wording.count(conversions), note=note)
        if asking.values["value"]:
            name = wording.name(asking.values["value"])
            yield Figure(_("Value of conversions with a touch"), asking.catalogue.amount(asking.values["value"], frame["value"].sum()), note=name)
        people = len(now.people(converted=True))
        yield asking.figure(_("People who came and converted"), wording.count(people), counted, people={"converted": True})
        people = len(now.people(converted=False))
        note = _("touches that have led to nothing so far")
        yield asking.figure(_("People who came and did not, or not again"), wording.count(people), counted, note=note, people={"converted": False})
        if touched:
            several = int(frame.loc[frame["path"].str.contains(BETWEEN, regex=False), "conversions"].sum())
            note = _("before conversions that have a touch")
            yield Figure(_("Several touches"), wording.percent(several / touched, sign=False), "%", note=note)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        rows = asking.now.frame[asking.now.frame["conversions"] > 0]
        if not len(rows):
            return
        option = draw(rows.assign(path=[_worded(path) for path in rows["path"]]))
        option["yAxis"]["axisLabel"] = {"width": WIDTH, "overflow": "truncate"}
        option["xAxis"]["minInterval"] = 1
        option["series"][0]["label"]["formatter"] = {"$": "labelCount"}
        option["series"][0]["data"] = [
            {"value": int(count), "people": {"path": path, "converted": True}}
            for count, path in zip(option["series"][0]["data"], rows["path"], strict=False)
        ]
        yield Chart(_("Paths that led to most conversions"), option, _("Conversions; read from left to right"), height=fitting(option))

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        now, frame = asking.now, asking.now.frame
        worth, total = bool(asking.values["value"]), int(frame["conversions"].sum())
        columns = [Column(pgettext("of channels", "Path"), text=True), Column(_("Conversions")), Column(_("Share"))]
        columns += [Column(pgettext("of conversions", "Value"))] if worth else []
        columns += [Column(_("Without conversion")), Column(_("People who converted"), group=True), Column(_("People on the path"))]
        rows = []
        for path, conversions, value, nulls in frame.head(MOST_PATHS).itertuples(index=False):
            cells = [Cell(_worded(path)), Cell(wording.count(conversions)), Cell(wording.percent(conversions / total if total else None))]
            cells += [Cell(asking.catalogue.amount(asking.values["value"], value))] if worth else []
            cells.append(Cell(wording.count(nulls)))
            for cell in ({"path": path, "converted": True}, {"path": path}):
                cells.append(Cell(wording.count(len(now.people(**cell))), cell))
            rows.append(Row(tuple(cells)))
        notes: tuple[str, ...] = ()
        if len(frame) > MOST_PATHS:
            notes = (_("The first {shown} of {count} paths; an export has all.").format(shown=MOST_PATHS, count=f"{len(frame):,}"),)
        yield Table(_("By path"), tuple(columns), tuple(rows), notes=notes)

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        told = _("Touches before the first of these days are not seen: paths of conversions early in them are shorter than they were.")
        yield _("At the edges"), (told,)
        elsewhere = _("Advertising platforms count a conversion for each of their own touches: together they claim more than happened.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Touchpaths, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heads = {
            "path": pgettext("of channels", "Path"),
            "conversions": _("Conversions"),
            "value": pgettext("of conversions", "Value"),
            "nulls": _("Without conversion"),
        }
        frame = result.frame
        if not frame["value"].notna().any():
            del heads["value"]
        return list(heads.items()), frame.assign(path=[_worded(path, runs=False) for path in frame["path"]])


def _worded(path: str, runs: bool = True) -> str:
    """Return a path by the names of its channels; with `runs`, one that stands several times in a row is said once with their number."""
    names = [wording.name(code) for code in path.split(BETWEEN)]
    if not runs:
        return BETWEEN.join(names)
    counted = [(name, len(list(same))) for name, same in groupby(names)]
    return " → ".join(f"{name} × {count}" if count > 1 else name for name, count in counted)
