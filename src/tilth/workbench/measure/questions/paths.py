"""The paths page: what people do one after the other, as a diagram of moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from tilth.analysis.behaviour.paths import OTHER, Paths, PathsOptions
from tilth.analysis.display import wording
from tilth.analysis.display.tables import MOST_ROWS
from tilth.errors import InputError
from tilth.workbench.measure.asking import narrowing
from tilth.workbench.measure.asking.answer import Cell, Chart, Column, Definition, Figure, Row, Table
from tilth.workbench.measure.asking.fields import Choice, Length, Number, Repeats
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.more_events import Added, Among, usual
from tilth.workbench.measure.asking.narrowing import Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

AFTER, BEFORE, AROUND = "after", "before", "around"
SEEN = "\u200b"
"""What the diagram appends to a name for each column that it stands further right."""
LARGEST = 3
"""Moves that are key figures."""


@register
class PathsPage(Kind):
    """Move after move."""

    code = "paths"
    label = gettext_lazy("Paths")
    about = gettext_lazy("What people do next, move after move: after a step, before it, or on both sides of it.")
    icon = "branch"
    group = WAYS
    order = 30
    fields: ClassVar = (
        Dates("30d"),
        Choice(
            "way",
            {AFTER: pgettext_lazy("moves", "after"), BEFORE: pgettext_lazy("moves", "before"), AROUND: gettext_lazy("before and after")},
            AFTER,
            gettext_lazy("Which moves"),
        ),
        Event("event", usual("view", "cart", "checkout", "pay"), gettext_lazy("Event"), without=gettext_lazy("whatever came first")),
        Number("depth", 4, 1, 12, gettext_lazy("Moves"), gettext_lazy("moves")),
        Length("sessions", "30m", ("15m", "30m", "1h", "12h", "1d", "7d"), gettext_lazy("Longest pause"), gettext_lazy("any length")),
        Added(
            "end",
            gettext_lazy("End"),
            add=gettext_lazy("+ end"),
            words=gettext_lazy("up to {picker}"),
            remove=gettext_lazy("No end"),
        ),
        Repeats(),
        Among("only", gettext_lazy("Events that are looked at"), gettext_lazy("+ only some events")),
        People(),
        Where(),
    )
    sentence = gettext_lazy("In {dates}, what people did {way} {event}: {depth}, with pauses of at most {sessions}")
    further = ("end", "fold", "only", "people", "where")
    options = PathsOptions
    result = Paths

    def options_of(self, question: Question, catalogue: Catalogue) -> PathsOptions:  # noqa: D102
        values = question.values
        event = None if values["event"] is None else values["event"].step(catalogue)
        end = None if values["end"] is None else values["end"].step(catalogue)
        if values["way"] != AFTER and (event is None or end is not None):
            raise InputError(_("Moves before an event need that event, and no other end: pick one, or look at what came after."))
        sides = {AFTER: {"start": event, "end": end}, BEFORE: {"end": event}, AROUND: {"around": event}}[values["way"]]
        return PathsOptions(depth=values["depth"], sessions=values["sessions"], fold=values["fold"], **sides)

    def ask(self, source: Any, question: Question, catalogue: Catalogue) -> Paths:  # noqa: D102
        options = self.options_of(question, catalogue)
        looked_at = narrowing.narrowed(source, question.values, catalogue)
        if question.values["only"]:
            steps = [*Among("only", "", "").steps(question.values["only"], catalogue)]
            kept = list(dict.fromkeys([*(event for step in steps for event in step.events), *options.asked]))
            looked_at = looked_at.where({source.history.event: kept})
        return Paths(looked_at, options)

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        event, end = question.values["event"], question.values["end"]
        called = catalogue.events_called(event.events) if event else _("whatever came first")
        if end is not None:
            return _("Paths: {start} → {end}").format(start=called, end=catalogue.events_called(end.events))
        words = {AFTER: _("Paths after {event}"), BEFORE: _("Paths before {event}"), AROUND: _("Paths around {event}")}
        return words[question.values["way"]].format(event=called)

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        if not cell:
            return _("People with a path")
        source, target = (catalogue.call(cell[side]) if side in cell else "…" for side in ("source", "target"))
        return _("Move {number}: {source} → {target}").format(number=cell.get("depth", "…"), source=source, target=target)

    def empty(self, asking: Asking) -> str:  # noqa: D102
        if len(asking.now.frame):
            return ""
        return _("Nobody made such a move in these days. Look at more days, allow longer pauses, or take a condition away.")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, counted = asking.now, pgettext("how many", "people")
        everyone = len(now.people())
        yield asking.figure(_("People with a path"), wording.count(everyone), counted, people={})
        for cell in _nearest(asking):
            people = len(now.people(**cell))
            label = f"{_name(cell['source'])} → {_name(cell['target'])}"
            note = _("{share} of them").format(share=wording.percent(people / everyone))
            yield asking.figure(label, wording.count(people), counted, note=note, people=cell)
        end = asking.values["end"]
        if end is not None:
            yield Figure(_("Reached the end"), wording.count(everyone), counted, note=_("only they have a path here"), people={})

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        remark = _("Bands are as wide as they have people; seven events are told apart, the others are grey")
        yield Chart(_("What follows what"), _diagram(asking), remark, height=460)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        frame = asking.now.frame
        everyone = len(asking.now.people())
        columns = (
            *(Column(_("Move"), text=True), Column(pgettext("move", "From"), text=True), Column(pgettext("move", "To"), text=True)),
            *(Column(pgettext("column", "People")), Column(_("Share of those with a path"))),
        )
        rows = []
        for row in frame.head(MOST_ROWS).itertuples():
            share = wording.percent(row.count / everyone)
            rows.append(
                Row(
                    (
                        Cell(wording.count(row.depth)),
                        Cell(_name(row.source)),
                        Cell(_name(row.target)),
                        Cell(wording.count(row.count), _cell(row)),
                        Cell(share),
                    )
                )
            )
        notes: tuple[str, ...] = ()
        if len(frame) > MOST_ROWS:
            notes = (_("The first {shown} of {count} moves; an export has all.").format(shown=MOST_ROWS, count=f"{len(frame):,}"),)
        yield Table(_("Move by move"), columns, tuple(rows), notes=notes)

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["only"]:
            called = " / ".join(map(asking.catalogue.call, asking.values["only"]))
            yield (
                _("Events"),
                (_("Only {events} and the events of the question are looked at, as if nothing else had happened.").format(events=called),),
            )
        elsewhere = _("Page-flow reports often count visits rather than people: those figures are higher.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Paths, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heads = {"depth": _("Move"), "source": pgettext("move", "From"), "target": pgettext("move", "To"), "count": pgettext("column", "People")}
        frame = result.frame
        return list(heads.items()), frame.assign(source=frame["source"].map(_name), target=frame["target"].map(_name))


def _nearest(asking: Asking) -> list[dict[str, Any]]:
    """Return the moves that most people make next to the event: after it, into it, or on both sides of it."""
    frame, way = asking.now.frame, asking.values["way"]
    if way == BEFORE:
        into = frame[frame["target"].isin(asking.now.options.asked)].groupby(["source", "target"], as_index=False)["count"].sum()
        rows = into.sort_values(["count", "source"], ascending=[False, True]).head(LARGEST)
        return [{"source": source, "target": target} for source, target, _count in rows.itertuples(index=False)]
    sides = {AFTER: {1: LARGEST}, AROUND: {-1: 2, 1: 2}}[way]
    return [_cell(row) for depth, most in sides.items() for row in frame[frame["depth"] == depth].head(most).itertuples()]


def _name(code: str) -> str:
    return _("other events") if code == OTHER else wording.name(code)


def _cell(row: Any) -> dict[str, Any]:
    return {"depth": int(row.depth), "source": row.source, "target": row.target}


def _diagram(asking: Asking) -> dict[str, Any]:
    """Return the diagram with events by their names; where its columns are those of the moves, bands and events are doors to their people."""
    option, depths = asking.now.chart(), asking.now.options.depths
    series = option["series"][0]
    series["labelLayout"] = {"hideOverlap": True}
    series["label"] = {"color": {"$token": "ink"}, "textBorderColor": {"$token": "card"}, "textBorderWidth": 2}
    known = set(asking.now.frame["source"]) | set(asking.now.frame["target"])
    drawn = {one["name"].rstrip(SEEN) for one in series["data"]}
    called = {code: _name(code) if code in known else _("other events") for code in drawn}
    for code in drawn:  # two events of one name would be one
        if list(called.values()).count(called[code]) > 1 and code in known:
            called[code] = f"{called[code]} ({code})"

    def named(name: str) -> str:
        code = name.rstrip(SEEN)
        return called[code] + name[len(code) :]

    def door(**cell: Any) -> dict[str, Any]:
        doors = asking.values["way"] != BEFORE and all(code in known and code != OTHER for name, code in cell.items() if name != "depth")
        return {"people": cell} if doors else {}

    for link in series["links"]:
        source, target = link["source"], link["target"]
        column = len(source) - len(source.rstrip(SEEN))
        link |= {"source": named(source), "target": named(target)}
        link |= door(depth=int(depths[column]), source=source.rstrip(SEEN), target=target.rstrip(SEEN))
    for one in series["data"]:
        code = one["name"].rstrip(SEEN)
        column = len(one["name"]) - len(code)
        one["name"] = named(one["name"])
        one |= door(depth=int(depths[column]), source=code) if column < len(depths) else door(depth=int(depths[-1]), target=code)
    return option
