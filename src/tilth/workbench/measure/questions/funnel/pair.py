"""Two groups of a funnel that is split, held against each other: at which step they differ, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from tilth.analysis.behaviour.funnel import Funnel
from tilth.analysis.display import wording
from tilth.workbench.measure.asking import views
from tilth.workbench.measure.asking.answer import SMALL, Cell, Chart, Column, Row, Table, coloured
from tilth.workbench.measure.asking.fields import Field
from tilth.workbench.measure.asking.kinds import Asking
from tilth.workbench.measure.asking.pickers import Drawing, phrase
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.questions.funnel.groups import groups_of

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.catalogue import Catalogue
    from tilth.workbench.measure.asking.query import Query

SURE = 0.05
"""Below this p-value a difference is called more than chance."""


class Pair(Field):
    """The two groups, by their values of the property that the question is split by; empty for the largest and the one after it.

    Parameters
    ----------
    view : str
        The code of the view that shows them.
    """

    def __init__(self, view: str) -> None:
        super().__init__("pair", ("", ""), gettext_lazy("Two groups"))
        self.view = view

    def read(self, query: Query, catalogue: Catalogue) -> tuple[str, str]:  # noqa: D102
        return query.one("pair"), query.one("pair.other")

    def write(self, value: tuple[str, str], catalogue: Catalogue) -> Iterator[tuple[str, str]]:  # noqa: D102
        yield from ((name, one) for name, one in zip(("pair", "pair.other"), value, strict=True) if one)

    def draw(self, value: tuple[str, str], drawing: Drawing) -> SafeString:  # noqa: D102
        by = drawing.values["by"]
        if drawing.values[views.NAME] != self.view or not by:
            return SafeString("")
        offered = [(code, called, f"{rows:,}") for code, called, rows in drawing.catalogue.values(by)]
        usual = (_("the largest group"), _("the next largest group"))
        one, other = (
            drawing.picker(name, chosen, [("", words), *offered], self.label)
            for name, chosen, words in zip(("pair", "pair.other"), value, usual, strict=True)
        )
        return phrase(_("{one} against {other}"), one=one, other=other)


def two(result: Funnel, question: Question) -> list[tuple[Any, pd.DataFrame]]:
    """Return the values and rows of the two groups, those of somebody in these days; fewer where there are not two such."""
    found = {str(value): (value, rows) for value, rows in groups_of(result, question.values["by"]) if value is not None}
    chosen = [one if one in found else "" for one in question.values["pair"]]
    for place, one in enumerate(chosen):
        if not one or one in chosen[:place]:
            chosen[place] = next((name for name in found if name not in chosen), "")
    return [found[name] for name in chosen if name]


def charts(asking: Asking) -> Iterator[Chart]:
    """Return the share of the first step that each group has at each later one, with its interval."""
    by, found = asking.values["by"], two(asking.now, asking.question)
    labels = asking.having(by=None)[0].frame["label"].tolist()[1:]
    series: list[dict[str, Any]] = []
    for value, rows in found:
        n, people = int(rows["people"].iloc[0]), [int(count) for count in rows["people"].iloc[1:]]
        shares = [count / n if n else None for count in people]
        series.append({"type": "bar", "name": wording.value(value), "barMaxWidth": 48, "data": shares})
        series[-1] |= {"label": {"show": True, "position": "top", "formatter": {"$": "labelPercent"}}}
    coloured({"series": series}, asking.catalogue, by, [value for value, _rows in found])
    option = {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": True},
        "grid": {"left": 8, "right": 16, "top": 40, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": labels},
        "yAxis": {"type": "value", "min": 0, "axisLabel": {"formatter": {"$": "axisPercent"}}},
        "series": series,
    }
    yield Chart(_("Share of the first step, group against group"), option, _("Of those of a group who took the first step"), 12, 268, split=True)


def tables(asking: Asking) -> Iterator[Table]:
    """Return a row a step: people and share of each group, their difference and whether it may be chance."""
    by, found = asking.values["by"], two(asking.now, asking.question)
    if len(found) < 2:
        told = _("Two groups of somebody are needed: in these days there are fewer.")
        yield Table(_("Group against group"), (Column(_("Step"), text=True),), (), notes=(told,))
        return
    (one, first), (other, second) = found
    differing = asking.now.compare({by: one}, {by: other}).to_dict("records")
    counted = pgettext("column", "People")
    columns = (
        *(Column(_("Step"), text=True), Column(f"{wording.value(one)} · {counted}", group=True), Column(_("Share"))),
        *(Column(f"{wording.value(other)} · {counted}", group=True), Column(_("Share"))),
        *(Column(_("Difference"), group=True), Column(_("95% interval")), Column(_("p-value")), Column(_("Is it chance?"), text=True)),
    )
    small = min(int(first["people"].iloc[0]), int(second["people"].iloc[0])) < SMALL
    rows = []
    for k, label in enumerate(first["label"]):
        cells = [Cell(f"{k + 1} {label}")]
        for value, part in found:
            count, n = int(part["people"].iloc[k]), int(part["people"].iloc[0])
            cells += [Cell(wording.count(count), {by: value, "step": k + 1}), Cell(wording.percent(count / n if n else None))]
        cells += _differing(differing[k - 1]) if k else [Cell(wording.NOTHING)] * 4
        rows.append(Row(tuple(cells), small=small))
    notes = [_("The groups chose themselves: a difference goes along with the group and need not be its effect.")]
    if small:
        notes.append(_("Grey: fewer than {least} people, too few to compare.").format(least=SMALL))
    if len(first) > 2:
        notes.append(_("Of many steps and groups looked at, one in twenty seems to differ by chance alone."))
    title = _("{one} against {other}").format(one=wording.value(one), other=wording.value(other))
    yield Table(title, columns, tuple(rows), _("The other group's share less the first one's"), tuple(notes))


def data(result: Funnel, question: Question) -> tuple[list[tuple[str, str]], pd.DataFrame]:
    """Return the shares of the two groups at each step and their difference."""
    by, found = question.values["by"], two(result, question)
    heads = {
        "step": _("Number of the step"),
        "label": _("Step"),
        "control": wording.value(found[0][0]) if found else _("Share"),
        "treatment": wording.value(found[1][0]) if len(found) > 1 else _("Share"),
        "effect": _("Difference"),
        "low": _("Difference, lower bound"),
        "high": _("Difference, upper bound"),
        "p_value": _("p-value"),
    }
    if len(found) < 2:
        return list(heads.items()), pd.DataFrame(columns=list(heads))
    return list(heads.items()), result.compare({by: found[0][0]}, {by: found[1][0]})


def _differing(row: dict[str, Any]) -> list[Cell]:
    if pd.isna(row["effect"]):
        return [Cell(wording.NOTHING)] * 4
    effect, low, high = (f"{row[name] * 100:+.1f}".replace("-", "−") for name in ("effect", "low", "high"))
    p = row["p_value"]
    said = _("more than chance") if p < SURE else _("may be chance")
    return [Cell(_("{points} pp").format(points=effect)), Cell(f"{low} – {high}"), Cell("< 0.001" if p < 0.001 else f"{p:.3f}"), Cell(said)]
