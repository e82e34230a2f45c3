"""What was loaded: the list, each load by itself, and its undoing."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import InputError
from tilth.workbench.data import waiting, words
from tilth.workbench.data.actions import loading
from tilth.workbench.data.incoming.fields import KINDS
from tilth.workbench.data.models import Draft
from tilth.workbench.data.policies import loads, quarantine
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Workspace

PAGE = 50


def records(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the loads there were, the last first, each with how many of its rows wait in quarantine."""
    frame_ = workspace.facts.loads().iloc[::-1]
    aside = workspace.facts.quarantine_counts().set_index("load")["waiting"].to_dict()
    found = frame_.astype(object).where(frame_.notna(), None).to_dict("records")
    for one in found:
        one["time"] = pd.Timestamp(one["time"]).to_pydatetime()
        one["waiting"] = int(aside.get(one["load"], 0))
    return found


@require_GET
@page(loads, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """Show the loads, filtered by table, by who, or by words in the file's name."""
    found = records(request.workspace)  # type: ignore[attr-defined]
    tables = [code for code in words.TABLES if any(one["table"] == code for one in found)]
    people = sorted({one["who"] for one in found if one["who"]})
    table, who, text = (request.GET.get(name, "") for name in ("table", "who", "q"))
    shown = [one for one in found if table in ("", one["table"]) and who in ("", one["who"] or "") and text.lower() in one["source"].lower()]
    context = {
        **frame(request, "loads"),
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "drafts": Draft.objects.exclude(state=Draft.State.DONE).select_related("upload", "job", "owner")[:10],
        "tables": [("", _("All tables")), *((code, words.table(code)) for code in tables)],
        "people": [("", _("Everybody")), *((one, one) for one in people)],
        "asked": {"table": table, "who": who, "q": text},
        "any": bool(found),
    }
    return TemplateResponse(request, "data/loads.html", context)


@require_GET
@page(loads, "view")
def one(request: HttpRequest, load: str) -> HttpResponse:
    """Show one load: what came in, what was kept aside and why, how its columns were read, and what can be done next."""
    workspace = request.workspace  # type: ignore[attr-defined]
    found = next((one for one in records(workspace) if one["load"] == load), None)
    if found is None:
        raise Http404
    actor = request.actor  # type: ignore[attr-defined]
    mapping = json.loads(found["mapping"] or "{}")
    context = {
        **frame(request, "loads", (found["source"], None)),
        "load": found,
        "fields": [(target, given, KINDS[given.get("kind", "text")]) for target, given in mapping.get("fields", {}).items()],
        "properties": json.loads(found["properties"] or "[]"),
        "reasons": waiting.groups(workspace, load) if quarantine.allows(actor, "view") and found["quarantined"] else [],
        "speed": round(found["rows"] / found["seconds"]) if found["seconds"] else None,
    }
    return TemplateResponse(request, "data/load.html", context)


@require_POST
@page(loads, "undo")
def undo(request: HttpRequest, load: str) -> HttpResponse:
    """Take the rows of a load out again."""
    try:
        loading.undo(request.actor, load)  # type: ignore[attr-defined]
        messages.success(request, _("The load is being undone. Its rows are gone in a moment; the file can be loaded again."))
    except InputError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("data:load", args=[load]))


@require_POST
@page(loads, "run")
def demo(request: HttpRequest) -> HttpResponse:
    """Put the demo brand's data into an empty workspace."""
    try:
        loading.fill_with_demo(request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("The demo brand is being put here; this takes about a minute."))
    except InputError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("data:home"))
