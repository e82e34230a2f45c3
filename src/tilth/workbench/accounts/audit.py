"""What the page of the audit asks for: filters that combine, read from the address."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tilth.analysis.display import wording
from tilth.workbench.tenancy.models import Entry, Workspace
from tilth.workbench.tenancy.roles import Role
from tilth.workbench.tenancy.words import action_words, value_words


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


NAMES = {
    "role": gettext_lazy("role"),
    "before": gettext_lazy("before"),
    "after": gettext_lazy("after"),
    "changed": gettext_lazy("changed"),
    "scopes": gettext_lazy("rights"),
    "days": gettext_lazy("days"),
    "by": gettext_lazy("by"),
    "ended": gettext_lazy("ended"),
    "language": gettext_lazy("language"),
    "theme": gettext_lazy("colours"),
    "tz": gettext_lazy("time zone"),
    "currency": gettext_lazy("currency"),
    "people": gettext_lazy("number of people"),
    "rows": gettext_lazy("number of rows"),
    "password": gettext_lazy("password"),
    "email": gettext_lazy("mail address"),
    "mail address": gettext_lazy("mail address"),
    "link": gettext_lazy("one-time link"),
    "sessions": gettext_lazy("sessions"),
    "name": gettext_lazy("name"),
    "totp": gettext_lazy("authenticator app"),
    "added": gettext_lazy("added"),
    "address": gettext_lazy("address"),
    "arranged": gettext_lazy("put in order"),
    "attempt": gettext_lazy("attempt"),
    "bytes": gettext_lazy("bytes"),
    "code": gettext_lazy("code"),
    "contacts": gettext_lazy("with contacts in full"),
    "copied": gettext_lazy("copied from number"),
    "cron": gettext_lazy("times of day (cron)"),
    "digest": gettext_lazy("digest of the file"),
    "dismissed": gettext_lazy("rows dismissed"),
    "consent": gettext_lazy("only after consent"),
    "enabled": gettext_lazy("switched on"),
    "events": gettext_lazy("number of events"),
    "form": gettext_lazy("form of the file"),
    "group": gettext_lazy("reason"),
    "hidden": gettext_lazy("hidden"),
    "hours": gettext_lazy("hours that the key before still counts"),
    "into": gettext_lazy("merged into"),
    "invitation": gettext_lazy("number of the invitation"),
    "kind": gettext_lazy("kind"),
    "mended": gettext_lazy("rows mended"),
    "new": gettext_lazy("new"),
    "origins": gettext_lazy("number of web pages that may send"),
    "platform": gettext_lazy("where events come from"),
    "prefix": gettext_lazy("beginning of the key"),
    "put_back": gettext_lazy("rows that wait again"),
    "received": gettext_lazy("bytes received"),
    "refused": gettext_lazy("rows that still do not fit"),
    "removed": gettext_lazy("removed"),
    "row": gettext_lazy("row number"),
    "shared": pgettext_lazy("of a saved question", "shared"),
    "size": gettext_lazy("bytes"),
    "state": gettext_lazy("state"),
    "table": gettext_lazy("data table"),
    "template": gettext_lazy("template"),
    "tiles": gettext_lazy("number of tiles"),
    "recovery_codes": gettext_lazy("recovery codes"),
}
"""Words for what actions tell in their details; what has none is shown as it is."""


DIGEST = 12
"""Signs of a file's digest that a page shows; they tell files apart, and an export has them all."""


def said(entry: Entry, *, whole: bool = False) -> dict[str, Any]:
    """Return a line in words; `whole`: with digests in full."""
    told = {name: value for name, value in entry.details.items() if value not in (None, "", [])}
    if not whole and "digest" in told:
        told["digest"] = str(told["digest"])[:DIGEST] + "…"
    details = _("; ").join(
        _("{name}: {value}").format(name=NAMES.get(name, name), value=_plain(value_words(entry.kind, name, value))) for name, value in told.items()
    )
    return {"entry": entry, "action": action_words(entry.code), "details": details}


def _plain(value: Any) -> str:
    """Return a value of the details in words."""
    if isinstance(value, list):
        return _(", ").join(_plain(one) for one in value)
    if isinstance(value, str):
        kind, colon, verb = value.partition(":")
        return str(Role(value).label) if value in Role.values else action_words(f"{kind}.{verb}") if colon else str(NAMES.get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return wording.count(value)
    return json.dumps(value, ensure_ascii=False)


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
