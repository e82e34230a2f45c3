r"""Form map: how many begin a form, submit it or leave it, and at which field they leave.

Let s, m and a be the numbers of the events that tell of a form that it was begun, submitted, and left with something changed. A field f was the last
that was touched in :math:`a_f` of the a, so that

.. math:: \sum_f a_f = a, \qquad \text{share}_f = a_f / a

A form that was submitted without being changed is submitted and not begun, and one that is still open is begun alone: s need not be m + a. A field's
``element`` says where on the page it is, so that the map can be drawn over it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilth.analysis.behaviour import page_events
from tilth.analysis.behaviour.page_events import Widths
from tilth.analysis.result import Groups, NoSuchCell, Result, choice
from tilth.analysis.sampling import OFTEN, ONCE, squares_of
from tilth.analysis.split import Split
from tilth.analysis.steps import AnyStep
from tilth.engine.kernels.cells import people_of
from tilth.engine.partial import PERSONS, Partial
from tilth.engine.people import PersonSet
from tilth.language import _, paragraph

if TYPE_CHECKING:
    from tilth.analysis.events import Events

FORM, FIELD, ELEMENT = "form", "last_field", "element"
STAGES = ("begun", "submitted", "left")
USUAL = ("form_submit", "form_abandon")


@dataclass(frozen=True)
class FormMapOptions:
    """What a form map can be asked.

    Parameters
    ----------
    page : str, optional
        The path of the page, such as ``/register``; None for all pages together.
    widths : (int or None, int or None)
        Widths of the window in pixels, from the first up to but without the second; None for no bound.
    begun, submitted, left : step
        What the events are called.
    """

    page: str | None = None
    widths: Widths = (None, None)
    begun: AnyStep = "form_start"
    submitted: AnyStep = "form_submit"
    left: AnyStep = "form_abandon"

    def __post_init__(self) -> None:
        page_events.check_widths(self.widths)


@dataclass(frozen=True)
class Told(Partial):
    """What was told of forms.

    Attributes
    ----------
    people : ndarray of uint32, shape (events,)
    stage : ndarray of int64, shape (events,)
        Its number in :data:`STAGES`.
    where : Split
        form, last_field, element of each.
    """

    people: NDArray[np.uint32] = field(metadata=PERSONS)
    stage: NDArray[np.int64]
    where: Split


class FormMap(Result):
    """The answer to a form map.

    Attributes
    ----------
    frame : DataFrame
        form, field, element, left (how often it was the last that was touched), people, share (of the form's times left); by form, the field that
        most left at first.
    forms : DataFrame
        form, begun, submitted, left, people (who did any of them).
    left_out : int
        Rows of the source without a person or a time.
    """

    grows: ClassVar = {
        "frame": {"left": OFTEN, "people": ONCE},
        "forms": {"begun": OFTEN, "submitted": OFTEN, "left": OFTEN, "people": ONCE},
    }

    def __init__(self, events: Events, options: FormMapOptions | None = None) -> None:
        self.options = options or FormMapOptions()
        answer = events.ask(compute, self.options)
        self._told, self._directory, self.left_out = answer.found, answer.directory, answer.left_out
        where = self._told.where
        self._forms = Groups([FORM], where.codes[:, :1], where.values[:1])
        self._leaving = self._told.stage == STAGES.index("left")
        at = where.taken(self._leaving)
        self._fields = Groups(at.columns, at.codes, at.values)

    @cached_property
    def frame(self) -> pd.DataFrame:  # noqa: D102
        found, left = self._fields.frame.rename(columns={FIELD: "field"}), self._per_field(None)
        found["left"] = left
        found["people"] = people_of(self._fields.number, self._told.people[self._leaving], len(found))
        found["share"] = left / found.groupby("form", dropna=False)["left"].transform("sum")
        return found.iloc[self._order].reset_index(drop=True)

    @cached_property
    def forms(self) -> pd.DataFrame:
        """How often each form was begun, submitted and left, and by how many people."""
        found, count = self._forms.frame.copy(), len(self._forms)
        for number, stage in enumerate(STAGES):
            found[stage] = np.bincount(self._forms.number[self._told.stage == number], minlength=count)
        return found.assign(people=people_of(self._forms.number, self._told.people, count))

    def people(self, stage: str | None = None, form: str | None = None, field: str | None = None) -> PersonSet:
        """Return the people who began, submitted or left (None: any of them) a form (None: any); those who left it at a field, if one is given."""
        chosen = np.ones(len(self._told.stage), np.bool_)
        if stage is not None or field is not None:
            named = stage or "left"
            choice(named, STAGES, "stage")
            chosen &= self._told.stage == STAGES.index(named)
        for k, given in enumerate((form, field)):
            if given is not None:
                code = self._told.where.values[k].index(given).as_py()
                if code < 0:
                    raise NoSuchCell(_("There is no {name} in the result.").format(name=given))
                chosen &= self._told.where.codes[:, k] == code
        return PersonSet(np.unique(self._told.people[chosen]), self._directory)

    @property
    def _order(self) -> NDArray[np.int64]:
        forms = pd.factorize(self._fields.frame[FORM], use_na_sentinel=False)[0]
        return np.lexsort((-self._per_field(None), forms))

    def _per_field(self, amounts: NDArray[Any] | None) -> NDArray[Any]:
        return np.bincount(self._fields.number, amounts, minlength=len(self._fields.frame))

    def _squares(self, table: str, column: str) -> NDArray[np.float64]:
        if table == "frame":
            return squares_of(self._fields.number, self._told.people[self._leaving], len(self._fields.frame))[self._order]
        chosen = self._told.stage == STAGES.index(column)
        return squares_of(self._forms.number[chosen], self._told.people[chosen], len(self._forms))

    def title(self) -> str:  # noqa: D102
        return _("Forms: {page}").format(page=self.options.page or _("all pages"))

    def meaning(self) -> str:  # noqa: D102
        return paragraph(
            _("A form is begun when something in it is changed for the first time, and left when the page ends before it is submitted."),
            _("It counts as left at the field that was touched last."),
            *page_events.of_widths(self.options.widths),
            _("Left out: {count} rows without a person or a time.").format(count=f"{self.left_out:,}"),
        )

    def chart(self) -> dict[str, Any]:
        """Return an ECharts option: how often each field was the last, as bars."""
        return draw(self.frame)


def compute(events: Events, options: FormMapOptions) -> Told:
    """Return what was told of forms; what names no form is not looked at.

    Forms that were begun and never yet submitted, or never left, are no mistake in a name.
    """
    known = events.vocabulary()
    found = [page_events.found(events, options.begun, options.page, options.widths)]
    for step in (options.submitted, options.left):
        never = isinstance(step, str) and step in USUAL and step not in known
        found.append(page_events.NOTHING if never else page_events.found(events, step, options.page, options.widths))
    places = np.concatenate([one.places for one in found])
    where = Split.at(events.history, [FORM, FIELD, ELEMENT], places)
    stage = np.repeat(np.arange(len(STAGES)), [len(one.places) for one in found])
    people = np.concatenate([one.people for one in found])
    order = np.argsort(places, kind="stable")  # people in order, as they are counted
    kept = order[where.codes[order, 0] >= 0]
    return Told(people[kept].astype(np.uint32), stage[kept], where.taken(kept).lean())


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the ECharts option of how often each field was the last."""
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": False},
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0},
        "yAxis": {"type": "category", "inverse": True, "data": [f"{form}: {name}" for form, name in zip(frame["form"], frame["field"], strict=True)]},
        "series": [{"type": "bar", "name": _("Left at this field"), "data": frame["left"].tolist()}],
    }
