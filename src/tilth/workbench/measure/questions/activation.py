"""The activation page: which early behaviour goes along with being retained. It says association and not cause, where nobody can miss it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.activation import Activation, ActivationOptions, draw, worded
from tilth.analysis.display import wording
from tilth.engine.clock import in_words
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Definition, Figure, Formula, Row, Table, fitting
from tilth.workbench.measure.asking.fields import Length, Several
from tilth.workbench.measure.asking.kinds import WAYS, Asking, Kind, register
from tilth.workbench.measure.asking.more_events import Among, usual
from tilth.workbench.measure.asking.narrowing import Dates, People
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.steps import Event
from tilth.workbench.measure.asking.where import Where
from tilth.workbench.measure.asking.words import enumerated

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue

COUNTS = (1, 2, 3, 4, 5, 7, 10)
WINDOWS = {
    "1h": gettext_lazy("1 hour"),
    "6h": gettext_lazy("6 hours"),
    "1d": gettext_lazy("1 day"),
    "3d": gettext_lazy("3 days"),
    "7d": gettext_lazy("7 days"),
    "14d": gettext_lazy("14 days"),
}
MOST_RULES = 50
"""Rules that the table shows; an export has all."""
BEHAVIOURS = Among("candidates", gettext_lazy("Behaviours"), gettext_lazy("every behaviour"))


@register
class ActivationPage(Kind):
    """What those who stay did early."""

    code = "activation"
    label = gettext_lazy("Activation")
    about = gettext_lazy("Which early behaviour goes along with staying: candidates for the moment at which a new person is won.")
    icon = "spark"
    group = WAYS
    order = 50
    fields: ClassVar = (
        Dates("90d"),
        Event("start", lambda catalogue: None, gettext_lazy("Start"), without=gettext_lazy("whatever came first")),
        BEHAVIOURS,
        Several("counts", {n: str(n) for n in COUNTS}, (1, 2, 3, 5), gettext_lazy("At least how often")),
        Several("windows", WINDOWS, ("1d", "7d"), gettext_lazy("Within which time")),
        Event("retained", usual("pay"), gettext_lazy("Staying"), anything=True),
        Length("after", "7d", ("1d", "3d", "7d", "14d", "30d"), gettext_lazy("From when on"), unbounded=""),
        Length("before", "30d", ("7d", "14d", "21d", "30d", "60d", "90d"), gettext_lazy("Until when"), unbounded=""),
        People(),
        Where(),
    )
    sentence = gettext_lazy(
        "In {dates}, people who started with {start}: did {candidates} at least {counts} times within {windows} go along with doing {retained} "
        "from {after} to {before} after the start"
    )
    further = ("people", "where")
    options = ActivationOptions
    result = Activation

    def options_of(self, question: Question, catalogue: Catalogue) -> ActivationOptions:
        """Return the options; candidates are called by their codes, merged ones counted together, and hidden ones are no candidates."""
        values = question.values
        steps = {name: None if values[name] is None else values[name].step(catalogue) for name in ("start", "retained")}
        return ActivationOptions(
            **steps,
            candidates=BEHAVIOURS.steps(values["candidates"], catalogue),
            counts=values["counts"],
            windows=values["windows"],
            between=(values["after"], values["before"]),
            until=catalogue.known_until(values["dates"]),
        )

    def name(self, question: Question, catalogue: Catalogue) -> str:  # noqa: D102
        step = question.values["retained"]
        return _("Activation: what goes along with {event}").format(event=catalogue.events_called(step.events) if step else _("any event"))

    def people_called(self, question: Question, cell: dict[str, Any], catalogue: Catalogue) -> str:  # noqa: D102
        told = []
        if "event" in cell:
            told.append(worded(catalogue.call(cell["event"]), int(cell.get("at_least", 1)), cell.get("window", "1d")))
        if cell.get("retained") is not None:
            told.append(_("stayed") if cell["retained"] else _("did not stay"))
        return enumerated(told) or _("Everybody who started")

    def empty(self, asking: Asking) -> str:  # noqa: D102
        if asking.now.started:
            return ""
        return _("Nobody started early enough in these days to know whether they stayed. Look at more days, or ask for an earlier return.")

    def figures(self, asking: Asking) -> Iterator[Figure]:  # noqa: D102
        now, counted = asking.now, pgettext("how many", "people")
        note = _("{count} more started too late to know").format(count=wording.count(now.recent))
        yield asking.figure(pgettext("people", "Started"), wording.count(now.started), counted, note=note, people={})
        share = _("{share} of them").format(share=wording.percent(now.stayed / now.started))
        yield asking.figure(_("Stayed"), wording.count(now.stayed), counted, note=share, people={"retained": True})
        best = now.recommended
        if best is None:
            return
        rule = worded(wording.name(best["event"]), int(best["at_least"]), best["window"])
        yield asking.figure(_("Met the best rule"), wording.count(best["people"]), counted, note=rule, people=_rule(best))
        note = _("of the others {share}").format(share=wording.percent(best["others"]))
        yield Figure(_("Of them stayed"), wording.percent(best["precision"], sign=False), "%", note=note)
        span = f"{best['low'] * 100:.1f}–{best['high'] * 100:.1f}"
        yield Figure(_("Difference, 95% interval"), span, _("pp"), note=_("goes along with it, need not be its effect"))

    def charts(self, asking: Asking) -> Iterator[Chart]:  # noqa: D102
        frame = asking.now.frame
        option = draw(frame.assign(event=frame["event"].map(wording.name)), asking.now.started, asking.now.stayed)
        option["yAxis"]["axisLabel"] = {"width": 220, "overflow": "truncate"}
        remark = _("Share that stayed of those who met a behaviour's best rule, with 95% intervals; dashed: of everybody. Association, not cause")
        yield Chart(_("Best rule of each behaviour"), option, remark, height=fitting(option))

    def tables(self, asking: Asking) -> Iterator[Table]:  # noqa: D102
        frame = asking.now.frame
        frame = frame[frame["people"] > 0]
        columns = (
            *(Column(_("Behaviour"), text=True), Column(_("At least")), Column(_("Within")), Column(_("People who did"), group=True)),
            *(Column(_("Of them stayed")), Column(_("Of the others stayed")), Column(_("Difference, 95% interval"), group=True)),
            *(Column(_("Lift")), Column(_("Recall")), Column(_("Score"))),
        )
        rows = tuple(_row(row) for row in frame.head(MOST_RULES).itertuples())
        notes = [_("Lift: share that stayed against that of everybody. Recall: part of those who stayed that met the rule.")]
        if any(row.small for row in rows):
            notes.append(_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL))
        if len(frame) > MOST_RULES:
            notes.append(_("The best {shown} of {count} rules; an export has all.").format(shown=MOST_RULES, count=f"{len(frame):,}"))
        yield Table(_("Rules, the best first"), columns, rows, notes=tuple(notes))

    def warnings(self, asking: Asking) -> Iterator[str]:  # noqa: D102
        yield _(
            "These figures show what goes along with staying, not what makes people stay: whoever likes a shop does more of everything in it. "
            "Only an experiment tells whether leading people to a behaviour retains them."
        )

    def notes(self, asking: Asking) -> Iterator[str]:  # noqa: D102
        best = asking.now.recommended
        if best is None:
            yield _("No rule tells those who stayed from the others with certainty: there are too few people, or no behaviour goes along with it.")

    def definition(self, asking: Asking) -> Iterator[Definition]:  # noqa: D102
        yield _("How it is counted"), (asking.now.definition(),)
        difference = _("difference = share that stayed of those who did − share that stayed of the others")
        yield _("Formula"), (Formula(difference), Formula(_("score = lower bound of the difference × how evenly the rule divides people")))
        elsewhere = _("An “aha moment” elsewhere is often the behaviour of highest correlation, without its doubt and without the others.")
        yield _("Elsewhere"), (elsewhere,)

    def data(self, result: Activation, question: Question | None = None) -> tuple[list[tuple[str, str]], pd.DataFrame]:  # noqa: D102
        heads = {
            "behaviour": _("Behaviour"),
            "at_least": _("At least"),
            "window": _("Within"),
            "people": _("People who did"),
            "retained": _("Of them stayed (people)"),
            "precision": _("Of them stayed (share)"),
            "others": _("Of the others stayed (share)"),
            "lift": _("Lift"),
            "recall": _("Recall"),
            "phi": _("Correlation (phi)"),
            "low": _("Difference, lower bound"),
            "high": _("Difference, upper bound"),
            "score": _("Score"),
        }
        return list(heads.items()), result.frame.assign(behaviour=result.frame["event"].map(wording.name))


def _rule(row: Any) -> dict[str, Any]:
    return {"event": row["event"], "at_least": int(row["at_least"]), "window": row["window"]}


def _row(row: Any) -> Row:
    cell = {"event": row.event, "at_least": int(row.at_least), "window": row.window}
    sure = wording.NOTHING if row.low != row.low else f"{wording.percent(row.low, sign=False)} – {wording.percent(row.high, sign=False)}"
    cells = (
        *(Cell(wording.name(row.event)), Cell(str(row.at_least)), Cell(in_words(row.window)), Cell(wording.count(row.people), cell)),
        *(Cell(wording.percent(row.precision)), Cell(wording.percent(row.others)), Cell(sure)),
        *(Cell(wording.count(round(row.lift, 2))), Cell(wording.percent(row.recall)), Cell(f"{row.score:.3f}" if row.score == row.score else "—")),
    )
    return replace(Row(cells), small=row.people < SMALL)
