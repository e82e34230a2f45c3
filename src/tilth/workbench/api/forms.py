"""What requests and answers have in common: pages of lists, text that every database can hold, bodies that are JSON and nothing like it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema
from ninja.errors import HttpError
from ninja.parser import Parser
from pydantic import ConfigDict

T = TypeVar("T")
MOST = 500


class Given(Schema):
    """A body: what it may hold is all said, and a name that is not known is refused rather than overlooked."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Slice(Given):
    """Which part of a list."""

    offset: int = Field(0, ge=0, le=1_000_000_000, description="How many to leave out.")
    limit: int = Field(50, ge=1, le=MOST, description="How many to return.")


class Page(Schema, Generic[T]):
    """A part of a list; `next` is the address of the part that follows, null at the end."""

    items: list[T]
    total: int
    offset: int
    limit: int
    next: str | None


def paged(request: HttpRequest, items: Sequence[Any], total: int, part: Slice) -> dict[str, Any]:
    """Return a part of a list with the address of the next one."""
    after = part.offset + part.limit
    query = request.GET.copy()
    query["offset"], query["limit"] = str(after), str(part.limit)
    address = f"{request.path}?{query.urlencode()}" if after < total else None
    return {"items": items, "total": total, "offset": part.offset, "limit": part.limit, "next": address}


def cut(request: HttpRequest, found: Any, part: Slice, shown: Any) -> dict[str, Any]:
    """Return a part of a queryset or list, each of its things as `shown` gives it."""
    total = len(found) if isinstance(found, list) else found.count()
    return paged(request, [shown(one) for one in found[part.offset : part.offset + part.limit]], total, part)


def plain(value: Any) -> Any:
    """Return a value of the facts as JSON knows it: amounts as numbers, moments and days in ISO 8601."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


class JsonParser(Parser):
    """Reads bodies strictly: text that some database cannot hold, and numbers that JSON does not know, are refused here for all."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the body."""
        try:
            read = json.loads(request.body, parse_constant=_no_number)
            _check(read)
        except (ValueError, RecursionError) as fault:
            raise HttpError(400, _("The body is no JSON that can be used: {fault}").format(fault=fault)) from None
        return read


def _no_number(name: str) -> None:
    raise ValueError(name)


def _check(read: Any) -> None:
    if isinstance(read, str):
        read.encode("utf-8")  # refuses halves of surrogate pairs
        if "\0" in read:
            raise ValueError("\\u0000")
    elif isinstance(read, dict):
        for name, value in read.items():
            _check(name)
            _check(value)
    elif isinstance(read, list):
        for value in read:
            _check(value)
