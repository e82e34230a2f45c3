"""The columns of a list of people: what there is to show, and how a value is worded and masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import pandas as pd
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from tilth.analysis.display import wording
from tilth.warehouse import memberships, persons
from tilth.warehouse.persons import register
from tilth.workbench.data import masking, names
from tilth.workbench.data.words import column as column_name
from tilth.workbench.people import contacts
from tilth.workbench.people.models import Segment
from tilth.workbench.tenancy.models import Workspace

NOTHING = wording.NOTHING
SIGNS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$"}
WHOLE = {"JPY", "KRW", "VND"}
"""Currencies in which no price has decimals."""
USUAL = ("phone", "channel", "tier", "city", "last_seen", "last_order", "orders", "spent", "average", "segments")
GENDERS: dict[Any, Any] = {"female": gettext_lazy("female"), "male": gettext_lazy("male")}
KINDS: dict[Any, Any] = {
    "user": gettext_lazy("User number"),
    "member": gettext_lazy("Member number"),
    "unionid": gettext_lazy("WeChat unionid"),
    "openid": gettext_lazy("WeChat openid"),
    "external_userid": gettext_lazy("WeCom customer"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("Mail address"),
    "device": gettext_lazy("Device"),
    "anonymous": gettext_lazy("Visitor"),
}
"""Kinds of id in words."""


@dataclass(frozen=True)
class Column:
    """A column of the list.

    Attributes
    ----------
    key : str
        Its name in the facts' page of people, or one of the derived ones: phone, email, average, segments.
    label : str
        Its head.
    kind : {"text", "number", "money", "time", "tags"}
        How it is written.
    sortable : bool
        Whether the list can be put in its order.
    """

    key: str
    label: str
    kind: str = "text"
    sortable: bool = True

    @property
    def descending(self) -> str:
        """Its name in an address that sorts downwards by it."""
        return f"-{self.key}"

    @property
    def is_number(self) -> bool:
        """Whether it stands at the right."""
        return self.kind in ("number", "money", "time")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: text, and what it says when pointed at."""

    column: Column
    text: str
    title: str = ""
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def is_filled(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.tags) or self.text not in ("", NOTHING)


@dataclass(frozen=True)
class Row:
    """A person in a list: the key and address of their page, their masked id, the cells."""

    key: str
    url: str
    name: str
    cells: tuple[Cell, ...]


class Sheet:
    """How a workspace's people are shown: what is looked up once for all rows of a page.

    Parameters
    ----------
    workspace : Workspace
        In scope.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def called(self) -> dict[Any, str]:
        """What codes are called."""
        return names.calling(self.workspace)

    @cached_property
    def register(self) -> register.Register:
        """The register of people, opened."""
        return register.opened(self.workspace.facts)

    @cached_property
    def today(self) -> date | None:
        """The last day on which anybody did anything, from which days are counted back."""
        return self.register.last_day

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns there are, in the order in which they are shown."""
        profile = persons.properties(self.workspace.facts)
        own = [
            Column("phone", _("Phone"), sortable=False),
            Column("email", _("Mail address"), sortable=False),
            *(Column(name, self.label(name), "number" if name == "birth_year" else "text") for name in profile),
            Column("registered", _("Registered"), "time"),
            Column("first_seen", _("First seen"), "time"),
            Column("last_seen", _("Last active"), "time"),
            Column("events", _("Events"), "number"),
            Column("first_order", _("First order"), "time"),
            Column("last_order", _("Last order"), "time"),
            Column("orders", _("Orders"), "number"),
            Column("spent", _("Spent"), "money"),
            Column("average", _("Order value"), "money", sortable=False),
            Column("segments", _("Segments"), "tags", sortable=False),
        ]
        return {column.key: column for column in own}

    def label(self, name: str) -> str:
        """Return what a property of people is called."""
        return pgettext("of a person", "Name") if name == "name" and self.called.get(name) == column_name(name) else self.called.get(name, name)

    def wanted(self, keys: Sequence[str]) -> list[Column]:
        """Return the columns of the given keys, in the usual order; the usual ones when none is given."""
        return [column for key, column in self.columns.items() if key in (keys or USUAL)]

    def rows(self, frame: pd.DataFrame, shown: Sequence[Column]) -> list[Row]:
        """Return the rows of a page of people, masked and worded."""
        made = []
        for raw in self.values(frame, shown):
            key = masking.key(raw["person_kind"], raw["person"])
            cells = tuple(self._cell(column, raw.get(column.key)) for column in shown)
            made.append(Row(key, reverse("people:person", args=[key]), masking.id(raw["person_kind"], raw["person"]), cells))
        return made

    def values(self, frame: pd.DataFrame, shown: Sequence[Column], *, contact: bool = False) -> Iterator[dict[str, Any]]:
        """Yield the values of a page of people as they are, those derived added and all that is personal masked unless `contact`.

        ``person`` is never masked here: it is the key of the row.
        """
        people = [str(one) for one in frame["person"]]
        keys = {column.key for column in shown}
        reached = contacts.contacts(self.workspace, people, self.register) if keys & {"phone", "email"} and people else {}
        inside = segments_of(self.workspace, people) if "segments" in keys and people else {}
        for raw in frame.to_dict("records"):
            row: dict[str, Any] = {name: None if not isinstance(value, list | dict) and pd.isna(value) else value for name, value in raw.items()}
            row |= reached.get(row["person"], {})
            row["average"] = row["spent"] / row["orders"] if row["orders"] else None
            row["segments"] = inside.get(row["person"], ())
            if not contact:
                texts = {name: text for name, text in row.items() if isinstance(text, str) and name not in ("person", "person_kind")}
                row |= {name: masking.value(name, text) for name, text in texts.items()}
            yield row

    def _cell(self, column: Column, value: Any) -> Cell:
        if column.kind == "tags":
            return Cell(column, "", tags=value or ())
        if value is None or value == "":
            return Cell(column, NOTHING)
        if column.kind == "time":
            return Cell(column, ago(value, self.today), moment(value))
        if column.kind == "money":
            return Cell(column, money(value, self.workspace.currency))
        if column.kind == "number":
            return Cell(column, str(int(value)) if column.key == "birth_year" else wording.count(value))
        return Cell(column, in_words(column.key, value, self.called))


def segments_of(workspace: Workspace, people: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the segments that people are in now, each with its name and address."""
    known = {segment.code: segment for segment in Segment.objects.all()}
    if not known:
        return {}
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    spans = memberships.spans(workspace.facts, people=people)
    for span in spans[spans["until"].isna()].itertuples():
        if span.name in known:
            segment = known[span.name]
            found[span.person] = (*found.get(span.person, ()), (segment.name, reverse("people:segment", args=[segment.pk])))
    return found


def in_words(name: str, value: Any, called: dict[Any, str]) -> str:
    """Return what a value of the profile is called."""
    if name == "gender":
        return str(GENDERS.get(value, value))
    if name == "person_kind":
        return str(KINDS.get(value, value))
    return called.get(str(value), str(value))


def money(value: Any, currency: str, decimals: int = 2) -> str:
    """Return an amount, always with the same decimals, so that those of a column stand below each other; none in a currency that has no small coin.

    Examples
    --------
    >>> money(1234.5, "CNY"), money(-9.9, "CNY"), money(0, "SEK"), money(1234.5, "CNY", 0), money(980, "JPY")
    ('¥1,234.50', '−¥9.90', 'SEK 0.00', '¥1,234', '¥980')
    """
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{SIGNS.get(currency, currency + ' ')}{abs(float(value)):,.{0 if currency in WHOLE else decimals}f}"


def ago(time: Any, today: date | None) -> str:
    """Return how many days before the last day of the data a moment lies."""
    if today is None:
        return moment(time)
    days = (today - timezone.localtime(time).date()).days
    if days <= 0:
        return _("today") if days == 0 else moment(time)
    return ngettext("{n} day ago", "{n} days ago", days).format(n=wording.count(days))


def moment(time: datetime) -> str:
    """Return a moment in the workspace's time zone, to the minute."""
    return f"{timezone.localtime(time):%Y-%m-%d %H:%M}"
