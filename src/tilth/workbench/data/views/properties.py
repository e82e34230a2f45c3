"""The properties and columns of a table, as they stand below an event and below the table: named, hidden, shown again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.errors import InputError
from tilth.warehouse import schema
from tilth.workbench.data import facts, names, words
from tilth.workbench.data.actions import dictionary as actions
from tilth.workbench.data.models import PropertyEntry
from tilth.workbench.data.policies import dictionary
from tilth.workbench.shell.pages import page

OFFERED = ("events", "orders")
"""Tables whose properties questions offer, and which it makes sense to hide."""


def listed(request: HttpRequest, table: str, told: Iterable[facts.Property]) -> dict[str, Any]:
    """Return what the list of properties is drawn from: those that are offered, or by ``?properties=hidden`` those that are not."""
    known = {entry.code: entry for entry in PropertyEntry.objects.filter(table=table)}
    docs, workspace = words.docs(table), request.workspace  # type: ignore[attr-defined]
    hidden, shown = [], []
    for one in told:
        entry = known.get(one.code)
        line = {
            "told": one,
            "entry": entry,
            "label": words.column(one.code),
            "doc": docs.get(one.code, ""),
            "calling": names.values(workspace, one.code),
        }
        (hidden if entry and entry.hidden else shown).append(line)
    which = "hidden" if request.GET.get("properties") == "hidden" else ""
    return {
        "properties": hidden if which else shown,
        "kinds": [("", _("In use"), len(shown), not which), ("hidden", _("Hidden"), len(hidden), bool(which))] if table in OFFERED else [],
        "which": which,
    }


@require_POST
@page(dictionary, "edit")
def describe(request: HttpRequest, table: str, code: str) -> HttpResponse:
    """Take what people say about a property or column; its name comes back, or the page when it was hidden or shown."""
    if table not in schema.TABLES:
        raise Http404
    data, problem, entry = request.POST, "", None
    hidden = data["hidden"] == "1" if "hidden" in data else None
    try:
        entry = actions.describe_property(
            request.actor,  # type: ignore[attr-defined]
            table,
            code,
            name=data.get("name"),
            description=data.get("description"),
            hidden=hidden,
        )
    except InputError as fault:
        problem = str(fault)
    if hidden is not None and not problem:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"table": table, "code": code, "entry": entry, "problem": problem, "label": words.column(code)}
    return TemplateResponse(request, "data/property_name.html", context)
