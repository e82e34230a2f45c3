"""What the answer is shown as: shares, people, the sum of a property, or that sum per person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tilth.analysis.display import wording
from tilth.workbench.measure.asking.fields import Choice
from tilth.workbench.measure.asking.pickers import Drawing, phrase

if TYPE_CHECKING:
    from tilth.workbench.measure.asking.kinds import Asking
    from tilth.workbench.measure.asking.question import Question

SHARE, PEOPLE, SUM, EACH = "share", "people", "sum", "each"
OPTIONS = {
    SHARE: gettext_lazy("in percent"),
    PEOPLE: gettext_lazy("in people"),
    SUM: gettext_lazy("as a sum"),
    EACH: gettext_lazy("as a sum per person"),
}


class Shown(Choice):
    """What the answer says; sums are offered where a property is summed."""

    def __init__(self) -> None:
        super().__init__("show", OPTIONS, SHARE, pgettext_lazy("how an answer is shown", "Figures"))

    def draw(self, value: str, drawing: Drawing) -> SafeString:  # noqa: D102
        offered = [(code, words) for code, words in self.options.items() if drawing.values["value"] or code in (SHARE, PEOPLE)]
        known = value if value in dict(offered) else SHARE
        return phrase(_("shown {picker}"), picker=drawing.picker(self.name, known, offered, self.label))


def shown(question: Question) -> str:
    """Return what the answer of a question is shown as: the share, where a sum was picked and nothing is summed."""
    show: str = question.values["show"]
    return show if question.values["value"] or show in (SHARE, PEOPLE) else SHARE


@dataclass(frozen=True)
class Measure:
    """What a cell says: the sum of a column of the answer, or that over the people of the cohort.

    Attributes
    ----------
    column : {"people", "value"}
    each : bool
        Divided by the people of the cohort.
    worded : callable
    axis : dict
        How a value axis says it.
    """

    column: str
    each: bool
    worded: Callable[[Any], str]
    axis: dict[str, Any]

    def of(self, rows: pd.DataFrame) -> float:
        """Return the figure of rows of several cohorts together; NaN of none."""
        size = rows["size"].sum()
        total = float(rows[self.column].sum())
        return (total / size if size else float("nan")) if self.each else total if len(rows) else float("nan")

    def by_period(self, frame: pd.DataFrame, first: int = 1) -> dict[int, float]:
        """Return the figure of each period from `first` on, over the cohorts whose period has wholly passed."""
        passed = frame[frame["complete"] & (frame["period"] >= first)]
        return {int(period): self.of(rows) for period, rows in passed.groupby("period") if rows["size"].sum()}


def measure(asking: Asking) -> Measure:
    """Return what the answer is shown as."""
    show, summed, catalogue = shown(asking.question), asking.values["value"], asking.catalogue
    percent: dict[str, Any] = {"type": "value", "min": 0, "axisLabel": {"formatter": {"$": "axisPercent"}}}
    whole = {"type": "value", "min": 0, "minInterval": 1}
    return {
        SHARE: Measure("people", True, wording.percent, percent),
        PEOPLE: Measure("people", False, wording.count, whole),
        SUM: Measure("value", False, lambda total: catalogue.amount(summed, total), {"type": "value"}),
        EACH: Measure("value", True, lambda each: catalogue.amount(summed, each, 2), {"type": "value"}),
    }[show]
