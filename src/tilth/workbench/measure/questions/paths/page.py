"""What is asked about paths, and how they are counted."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tilth.analysis.behaviour.path_clusters import PathClusters, PathClustersOptions
from tilth.analysis.behaviour.paths import Paths, PathsOptions
from tilth.errors import InputError
from tilth.workbench.measure.asking import narrowing, views
from tilth.workbench.measure.asking.answer import Chart, Definition, Figure, Table
from tilth.workbench.measure.asking.fields import Choice, Length, Number, Repeats
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.more_events import Added, Among, usual
from tilth.workbench.measure.asking.narrowing import Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.questions.paths import alike, matrix, moves
from tilth.workbench.measure.questions.paths.moves import AFTER, AROUND, BEFORE

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

MOVES, MATRIX, ALIKE = "moves", "matrix", "alike"
VIEWS = {MOVES: gettext_lazy("Move by move"), MATRIX: gettext_lazy("From event to event"), ALIKE: gettext_lazy("Similar paths")}
DRAWN: dict[str, ModuleType] = {MOVES: moves, MATRIX: matrix, ALIKE: alike}


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
        views.InView("k", ALIKE, gettext_lazy("grouped into {picker}"), alike.NUMBERS, None, gettext_lazy("Number of clusters")),
        views.View(VIEWS),
    )
    sentence = gettext_lazy("In {dates}, what people did {way} {event}: {depth}, with pauses of at most {sessions}")
    whole = gettext_lazy("In {dates}, what people did {way} {event}, with pauses of at most {sessions}")
    further = ("end", "fold", "only", "people", "where", "k")
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

    def words(self, question: Question) -> Any:
        """Return the sentence; where whole paths are looked at it names no number of moves."""
        return self.sentence if views.shown(question) == MOVES else self.whole

    def ask(self, source: Any, question: Question, catalogue: Catalogue) -> Paths | PathClusters:  # noqa: D102
        options = self.options_of(question, catalogue)
        looked_at = narrowing.narrowed(source, question.values, catalogue)
        if question.values["only"]:
            steps = [*Among("only", "", "").steps(question.values["only"], catalogue)]
            kept = list(dict.fromkeys([*(event for step in steps for event in step.events), *options.asked]))
            looked_at = looked_at.where({source.history.event: kept})
        if views.shown(question) == ALIKE:
            return PathClusters(looked_at, PathClustersOptions(**vars(options), k=question.values["k"]))
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
        if "cluster" in cell:
            return _("Cluster {number} of similar paths").format(number=cell["cluster"])
        source, target = (catalogue.call(cell[side]) if side in cell else "…" for side in ("source", "target"))
        return _("Move {number}: {source} → {target}").format(number=cell.get("depth", "…"), source=source, target=target)

    def empty(self, asking: Asking) -> str:  # noqa: D102
        if len(asking.now.frame):
            return ""
        return _("Nobody made such a move in these days. Look at more days, allow longer pauses, or take a condition away.")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        yield from DRAWN[views.shown(asking.question)].figures(asking)

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        yield from DRAWN[views.shown(asking.question)].charts(asking)

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        yield from DRAWN[views.shown(asking.question)].tables(asking)

    def warnings(self, asking: Asking) -> Iterator[str]:  # noqa: D102
        if views.shown(asking.question) == ALIKE and asking.now.warning():
            yield asking.now.warning()

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        if asking.values["only"]:
            called = " / ".join(map(asking.catalogue.call, asking.values["only"]))
            yield (
                _("Events"),
                (_("Only {events} and the events of the question are looked at, as if nothing else had happened.").format(events=called),),
            )
        if views.shown(asking.question) == MATRIX:
            yield _("From event to event"), (_("Here every move of whole paths counts, however deep, and each time that somebody makes it."),)
        elsewhere = _("Page-flow reports often count visits rather than people: those figures are higher.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Any, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        found: tuple[list[tuple[str, str]], pd.DataFrame] = DRAWN[views.shown(question) if question is not None else MOVES].data(result, question)
        return found
