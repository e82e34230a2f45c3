"""What the page of the audit asks for: filters that combine, read from the address."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date

from tilth.workbench.tenancy.models import Entry, Workspace
from tilth.workbench.tenancy.words import action_words


@dataclass(frozen=True)
class Filter:
    """Which lines of the audit are wanted; what is empty does not narrow.

    Attributes
    ----------
    who, code, kind, via : str
        Exact: name at that time, action, kind of thing, way.
    search : str
        Part of a name, of the thing or of its key.
    first, last : date or None
        Days in the workspace's time zone, both included.
    """

    who: str = ""
    code: str = ""
    kind: str = ""
    via: str = ""
    search: str = ""
    first: dt.date | None = None
    last: dt.date | None = None

    @classmethod
    def of(cls, query: Any) -> Filter:
        """Read a filter from the query of an address; a day that cannot be read does not narrow."""
        texts = {name: query.get(name, "").strip() for name in ("who", "code", "kind", "via", "search")}
        return cls(**texts, first=_day(query.get("first", "")), last=_day(query.get("last", "")))

    def entries(self, workspace: Workspace) -> QuerySet:
        """Return the lines, the newest first."""
        zone = ZoneInfo(workspace.tz)
        exact = {name: value for name in ("who", "code", "kind", "via") if (value := getattr(self, name))}
        found = Entry.objects.filter(**exact)
        if self.search:
            found = found.filter(Q(who__icontains=self.search) | Q(name__icontains=self.search) | Q(key__iexact=self.search))
        if self.first:
            found = found.filter(at__gte=dt.datetime.combine(self.first, dt.time(), zone))
        if self.last:
            found = found.filter(at__lt=dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), zone))
        return found


def said(entry: Entry) -> dict[str, Any]:
    """Return a line in words."""
    details = ", ".join(f"{name}: {_short(value)}" for name, value in entry.details.items() if value not in (None, "", []))
    return {"entry": entry, "action": action_words(entry.code), "details": details}


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
