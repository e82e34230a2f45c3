"""What a person's page says: figures, profile, ids and moments in words, masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from tilth.analysis.display import wording
from tilth.warehouse.persons import Moment, Person
from tilth.workbench.data import masking
from tilth.workbench.people import columns

PLAIN = ("channel", "platform", "city", "product", "campaign")
"""Details that say by themselves what they are."""


@dataclass(frozen=True)
class Told:
    """A moment in words: what happened, an amount, and the rest in one line."""

    time: datetime
    kind: str
    name: str
    amount: str
    text: str
    order: str


@dataclass(frozen=True)
class Id:
    """An id in words: its kind, what is shown of it, its state, and what is known of the link."""

    kind: str
    shown: str
    state: str
    label: str
    about: str


def figures(sheet: columns.Sheet, person: Person) -> list[dict[str, Any]]:
    """Return the key figures: label, value, unit, note."""
    given, currency = person.figures, sheet.workspace.currency
    today = sheet.today
    idle = (today - timezone.localtime(given.last_seen).date()).days if today and given.last_seen else None
    registered = _("registered {day}").format(day=_day(person.registered)) if person.registered else None
    return [
        {"label": _("Spent"), "value": columns.money(given.spent, currency, 0), "note": _("refunds taken off")},
        {
            "label": _("Orders"),
            "value": wording.count(given.orders),
            "note": _("{amount} an order").format(amount=columns.money(given.average_order, currency)) if given.average_order else None,
        },
        {
            "label": _("Last order"),
            **_ago(given.recency_days),
            "note": _day(given.last_order),
        },
        {"label": _("Last active"), **_ago(idle), "note": _day(given.last_seen)},
        {"label": _("First seen"), "value": _day(given.first_seen) or wording.NOTHING, "note": registered},
        {"label": _("Events"), "value": wording.count(given.events), "note": None},
    ]


def profile(sheet: columns.Sheet, person: Person, *, contact: bool) -> list[tuple[str, str]]:
    """Return the filled properties with their labels, masked unless `contact`."""
    called = sheet.called
    rows = []
    for name, value in {**person.profile, **person.properties}.items():
        text = str(value)
        shown = text if contact else masking.value(name, text)
        rows.append((sheet.label(name), columns.in_words(name, shown, called) if shown == text else shown))
    return rows


def ids(person: Person, *, contact: bool) -> list[Id]:
    """Return the ids that somebody goes or went by, those that hold first."""
    made = [Id(str(columns.KINDS.get(person.kind or "", person.kind or _("Id"))), _shown(person.kind, person.id, contact), "good", _("known by"), "")]
    for one in sorted(person.ids, key=lambda one: (one.until is not None, one.shared)):
        if one.value == person.id:
            continue
        if one.until is not None:
            state, label = "idle", _("until {day}").format(day=_day(one.until))
        elif one.shared:
            state, label = "warn", _("shared")
        else:
            state, label = "good", _("holds")
        about = _("since {day}").format(day=_day(one.since))
        if one.shared:
            about += _("; other people are linked to it too, so what it did is nobody's")
        made.append(Id(str(columns.KINDS.get(one.kind, one.kind)), _shown(one.kind, one.value, contact), state, label, about))
    return made


def told(sheet: columns.Sheet, moment: Moment) -> Told:
    """Return a moment in words; names of codes as the dictionary has them, what is personal masked."""
    called = sheet.called
    if moment.kind == "event":
        parts = [(called.get(key, key), key in PLAIN, _value(key, value, called)) for key, value in moment.details.items()]
        text = " · ".join(value if plain else f"{label} {value}" for label, plain, value in parts)
        return Told(moment.time, moment.kind, called.get(moment.name, moment.name), "", text, "")
    amount = columns.money(moment.amount or Decimal(0), sheet.workspace.currency)
    name = pgettext("what was bought at once", "Order") if moment.kind == "order" else _("Refund")
    return Told(moment.time, moment.kind, name, amount, _(", ").join(_line(line, called) for line in moment.lines), masking.free(moment.name))


def day(given: date, today: date | None) -> str:
    """Return a day as the timeline heads it: date, weekday, and today or yesterday of the data."""
    lately = {0: _("last day of the data"), 1: _("the day before")}.get((today - given).days, "") if today else ""
    return f"{given:%Y-%m-%d} {date_format(given, 'D')} {lately}".strip()


def _ago(days: int | None) -> dict[str, Any]:
    if days == 0:
        return {"value": _("today"), "unit": None}
    return {"value": wording.count(days), "unit": None if days is None else ngettext("day ago", "days ago", days)}


def _line(line: dict[str, Any], called: dict[str, str]) -> str:
    goods = called.get(str(line.get("product")), str(line.get("product") or _("goods")))
    quantity = line.get("quantity")
    return f"{goods} ×{abs(quantity):f}".rstrip("0").rstrip(".") if quantity is not None else goods


def _value(key: str, value: Any, called: dict[str, str]) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = masking.detail(key, value)
    return called.get(text, text)


def _shown(kind: str | None, text: str, contact: bool) -> str:
    return text if contact else masking.id(kind, text)


def _day(time: datetime | None) -> str | None:
    return f"{timezone.localtime(time):%Y-%m-%d}" if time else None
