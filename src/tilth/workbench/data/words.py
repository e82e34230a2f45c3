"""What tables and columns of the schema are called where people read about them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tilth import language
from tilth.warehouse import schema

TABLES = {
    "events": _("Events"),
    "orders": _("Orders"),
    "costs": _("Spend"),
    "people": _("People (profiles)"),
    "identities": _("Identities"),
    "memberships": _("Segment memberships"),
    "contents": _("Contents"),
}
"""Tables in the order in which they are offered."""

COLUMNS = {
    "person": _("Person"),
    "person_kind": _("Kind of id"),
    "time": _("Time"),
    "event": _("Event"),
    "channel": _("Channel"),
    "campaign": _("Campaign"),
    "platform": _("Platform"),
    "city": _("City"),
    "product": _("Goods"),
    "value": _("Value"),
    "order": _("Order number"),
    "quantity": _("Quantity"),
    "price": _("Price of one piece"),
    "amount": _("Amount"),
    "shop": _("Shop"),
    "coupon": _("Coupon"),
    "status": _("Status"),
    "placement": _("Placement"),
    "creative": _("Creative"),
    "impressions": _("Impressions"),
    "clicks": _("Clicks"),
    "spend": _("Spend"),
    "name": _("Name"),
    "gender": _("Gender"),
    "birth_year": _("Year of birth"),
    "province": _("Province"),
    "tier": _("Tier"),
    "inviter": _("Inviter"),
    "until": _("Until"),
    "kind": _("Kind"),
    "content": _("Content"),
    "account": _("Account"),
    "title": _("Title"),
    "views": _("Views"),
    "likes": _("Likes"),
    "comments": _("Comments"),
    "shares": _("Shares"),
}
"""Columns of all tables; a column of one name means the same everywhere."""


def table(code: str) -> str:
    """Return what a table is called."""
    return str(TABLES.get(code, code))


def called(code: str) -> str:
    """Return what a table or a column is called; no table has the code of a column."""
    return str(TABLES.get(code) or column(code))


def docs(code: str) -> dict[str, str]:
    """Return what each column of a table holds, in a sentence of the schema."""
    return {one.name: language._(one.doc) for one in schema.TABLES[code].columns}


def about(code: str) -> str:
    """Return what a table holds, in a sentence of the schema."""
    return language._(schema.TABLES[code].doc)


def column(code: str) -> str:
    """Return what a column is called; a property has the name that its source gives it."""
    return str(COLUMNS.get(code, code))
