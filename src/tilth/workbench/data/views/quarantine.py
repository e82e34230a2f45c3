"""Rows that did not fit: by load, by reason, and one by one to be mended; masked but for who may see contacts and asks for it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tilth.errors import InputError, UnknownName
from tilth.warehouse.loading import quarantine as facts
from tilth.warehouse.loading.quarantine import Quarantined
from tilth.warehouse.loading.reading import SURPLUS
from tilth.workbench.data import faults, masked, waiting
from tilth.workbench.data.actions import mending
from tilth.workbench.data.policies import quarantine
from tilth.workbench.data.views.room import frame
from tilth.workbench.shell.pages import page

PAGE = 50


@require_GET
@page(quarantine, "view")
def listing(request: HttpRequest) -> HttpResponse:
    """Show which loads have rows in quarantine, those that wait first."""
    counts = request.workspace.facts.quarantine_counts()  # type: ignore[attr-defined]
    rows = counts.iloc[::-1].sort_values("waiting", ascending=False, kind="stable").to_dict("records")
    context = {
        **frame(request, "quarantine"),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "totals": {state: int(counts[state].sum()) for state in waiting.STATES},
    }
    return TemplateResponse(request, "data/quarantine.html", context)


@require_GET
@page(quarantine, "view")
def load(request: HttpRequest, load: str) -> HttpResponse:
    """Show the rows of a load by state and reason."""
    workspace = request.workspace  # type: ignore[attr-defined]
    state = request.GET.get("state", "waiting")
    state = state if state in waiting.STATES else "waiting"
    key = request.GET.get("why", "")
    try:
        everything = facts.rows(workspace.facts, load)
        record = facts.record_of(workspace.facts, load)
    except UnknownName:
        raise Http404 from None
    of_state = [one for one in everything if one.state == state]
    groups = waiting.grouped(of_state)
    chosen = [one for one in of_state if key in ("", waiting.key_of(one))]
    columns = waiting.columns_of(chosen)
    shown = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context = {
        **frame(request, "quarantine", (record.source, None)),
        "record": record,
        "state": state,
        "states": [(code, label, sum(one.state == code for one in everything), code == state) for code, label in _states()],
        "groups": groups,
        "group": next((group for group in groups if group.key == key), None),
        "why": key,
        "columns": columns,
        "page": shown,
        "rows": [waiting.shown(masked.row(one), columns) for one in shown],
    }
    return TemplateResponse(request, "data/quarantine_load.html", context)


def _states() -> list[tuple[str, str]]:
    return [("waiting", _("Waiting")), ("mended", _("Mended")), ("dismissed", _("Dismissed"))]


@require_http_methods(["GET", "POST"])
@page(quarantine, "mend")
def row(request: HttpRequest, load: str, row: int) -> HttpResponse:
    """Show a row to be put right, in the drawer; take what was changed and say what is still wrong."""
    one = _row(request, load, row)
    columns = waiting.columns_of([one])
    context = _form(one)
    shown = context["one"]
    if request.method == "POST":
        before, seen = one.values(), masked.row(one).values()
        given = {name: request.POST[f"value.{place}"] for place, name in enumerate(columns) if f"value.{place}" in request.POST}
        changed = {name: value for name, value in given.items() if value not in (before.get(name, ""), seen.get(name, ""))}
        try:
            done = mending.mend(request.actor, load, {row: changed})  # type: ignore[attr-defined]
        except InputError as fault:
            context["problem"] = str(fault)
        else:
            if row not in done.refused:
                return HttpResponse(headers={"HX-Refresh": "true"})
            refusal = done.refused[row]
            context["problem"] = faults.told(masked.fault(one, refusal.fault))
            shown["cells"] = [(name, given.get(name, value), name == refusal.source) for name, value, _bad in shown["cells"]]
    return TemplateResponse(request, "data/quarantine_row.html", context)


@never_cache
@require_POST
@page(quarantine, "contact")
def full(request: HttpRequest, load: str, row: int) -> HttpResponse:
    """Show a row in full, this once; the audit notes who looked."""
    one = _row(request, load, row)
    mending.unmask(request.actor, load, row)  # type: ignore[attr-defined]
    return TemplateResponse(request, "data/quarantine_row.html", _form(one, contact=True))


def _row(request: HttpRequest, load: str, row: int) -> Quarantined:
    try:
        return facts.row(request.workspace.facts, load, row)  # type: ignore[attr-defined]
    except UnknownName:
        raise Http404 from None


def _form(one: Quarantined, *, contact: bool = False) -> dict[str, Any]:
    """Return what the form of a row is drawn from."""
    seen = one if contact else masked.row(one)
    return {
        "load": one.record.load,
        "one": waiting.shown(seen, waiting.columns_of([one])),
        "record": one.record,
        "surplus": SURPLUS,
        "contact": contact,
        "masked": seen.values() != one.values(),
    }


@require_POST
@page(quarantine, "mend")
def replace(request: HttpRequest, load: str) -> HttpResponse:
    """Put another value in the place of one at fault in all rows that have it."""
    data = request.POST
    key, old, new = data.get("why", ""), data.get("old", ""), data.get("new", "")

    def act() -> str:
        done = mending.replace(request.actor, load, key, old, new)  # type: ignore[attr-defined]
        if done.refused:
            number, first = next(iter(done.refused.items()))
            raise InputError(
                _("{mended} rows were mended, {refused} still do not fit: {reason}.").format(
                    mended=len(done.accepted), refused=len(done.refused), reason=faults.told(masked.fault(_row(request, load, number), first.fault))
                )
            )
        return ngettext("{count} row was mended.", "{count} rows were mended.", len(done.accepted)).format(count=len(done.accepted))

    return _done(request, load, act)


@require_POST
@page(quarantine, "mend")
def decide(request: HttpRequest, load: str) -> HttpResponse:
    """Dismiss the chosen rows with a reason, let them wait again, or try them once more as they stand."""
    rows = [int(number) for number in request.POST.getlist("row") if number.isdecimal()]
    what = request.POST.get("what", "")

    def act() -> str:
        if not rows:
            raise InputError(_("Choose rows first."))
        actor = request.actor  # type: ignore[attr-defined]
        if what == "dismiss":
            count = mending.dismiss(actor, load, rows, request.POST.get("reason", ""))
            return ngettext("{count} row was dismissed.", "{count} rows were dismissed.", count).format(count=count)
        if what == "put_back":
            count = mending.put_back(actor, load, rows)
            return ngettext("{count} row waits again.", "{count} rows wait again.", count).format(count=count)
        done = mending.mend(actor, load, {row: {} for row in rows})
        return _("{mended} rows were loaded, {refused} still do not fit.").format(mended=len(done.accepted), refused=len(done.refused))

    return _done(request, load, act)


@require_POST
@page(quarantine, "export")
def export(request: HttpRequest) -> HttpResponse:
    """Give the rows that wait as a file to be mended in a spreadsheet, of one load or of all."""
    load = request.POST.get("load") or None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quarantine.csv"
        try:
            mending.export(request.actor, path, load, contacts=request.POST.get("contacts") == "1")  # type: ignore[attr-defined]
        except UnknownName:
            raise Http404 from None
        file = path.open("rb")
    return FileResponse(file, as_attachment=True, filename=f"{_('quarantine')}.csv", content_type="text/csv; charset=utf-8")


@require_POST
@page(quarantine, "mend")
def reload(request: HttpRequest) -> HttpResponse:
    """Take back a file whose rows were mended in a spreadsheet."""
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        messages.error(request, _("Choose the mended file first."))
        return HttpResponseRedirect(reverse("data:quarantine"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (Path(given.name or "").name or "mended.csv")
        with path.open("wb") as out:
            for piece in given.chunks():
                out.write(piece)
        try:
            done = mending.reload(request.actor, path)  # type: ignore[attr-defined]
        except InputError as fault:
            messages.error(request, str(fault).replace(str(path), path.name))
        else:
            told = _("{mended} rows were mended; {repeated} had been before; {refused} still do not fit.")
            messages.success(request, told.format(mended=done.accepted, repeated=done.repeated, refused=len(done.faults)))
    return HttpResponseRedirect(reverse("data:quarantine"))


def _done(request: HttpRequest, load: str, act: Any) -> HttpResponse:
    try:
        messages.success(request, act())
    except UnknownName:
        raise Http404 from None
    except InputError as fault:
        messages.error(request, str(fault))
    query = request.POST.get("back", "")
    return HttpResponseRedirect(reverse("data:quarantine_load", args=[load]) + (f"?{query}" if query else ""))
