"""Steps two to four: how the file is written, what its columns mean, and its load."""

from __future__ import annotations

import re
from typing import Any

import python_calamine
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tilth.errors import InputError, UnknownColumn
from tilth.language import current, paragraph
from tilth.warehouse import schema
from tilth.warehouse.loading import templates
from tilth.warehouse.loading.fitting import ROW
from tilth.warehouse.loading.mapping import Mapping, MappingError, kinds_for
from tilth.warehouse.loading.quarantine import readable
from tilth.warehouse.loading.sniff import Format
from tilth.workbench.data import faults, words
from tilth.workbench.data.actions import loading
from tilth.workbench.data.incoming import drafting, fields, trial
from tilth.workbench.data.incoming.inspection import size
from tilth.workbench.data.models import Draft, Upload
from tilth.workbench.data.policies import loads
from tilth.workbench.data.views.room import frame
from tilth.workbench.jobs.models import State
from tilth.workbench.shell.pages import page

SHOWN = 20
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "latin-1")
DELIMITERS = {",": ",", ";": ";", "\t": "Tab", "|": "|"}


@require_http_methods(["GET", "POST"])
@page(loads, "run")
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the file's first rows and take what people say about how it is written, and which table it is for."""
    draft = _open(pk)
    if isinstance(draft, HttpResponse):
        return draft
    problem = ""
    try:
        if request.method == "POST":
            _take(draft, request.POST)
        form = drafting.known(draft)
        draft.save()
    except InputError as fault:
        problem, form = str(fault), None
    context = {**_context(request, draft, form, 2), "problem": problem, **(_written(draft, form) if form else {})}
    return TemplateResponse(request, "data/preview_body.html" if request.htmx else "data/preview.html", context)  # type: ignore[attr-defined]


def _take(draft: Draft, data: Any) -> None:
    said: dict[str, Any] = {name: data.get(name, "") for name in ("encoding", "delimiter", "sheet")}
    said["header"] = {"yes": True, "no": False}.get(data.get("header", ""))
    said["skip"] = int(data["skip"]) if data.get("skip", "").isdecimal() else None
    said = {name: value for name, value in said.items() if value not in (None, "")}
    if said != draft.format:
        drafting.say(draft, **said)
    template, table = data.get("template", draft.template), data.get("table", draft.table)
    if template != draft.template:
        drafting.propose_for(draft, drafting.form_of(draft), None if template else table or None, template)
    elif table != draft.table:
        drafting.propose_for(draft, drafting.form_of(draft), table or None, "")


def _written(draft: Draft, form: Format) -> dict[str, Any]:
    head = drafting.head_of(draft, form)
    shown = head.rows.slice(0, SHOWN)
    if head.json_lines:
        rows = [(number, ["" if value is None else value for value in row]) for number, row in enumerate(form.sample[:SHOWN], 1)]
    else:
        columns = [shown.column(name).to_pylist() for name in form.columns]
        values = (["" if value is None else readable(value) for value in row] for row in zip(*columns, strict=True))
        rows = list(zip(shown.column(ROW).to_pylist(), values, strict=True))
    return {
        "rows": rows,
        "encodings": ENCODINGS,
        "delimiters": DELIMITERS.items(),
        "sheets": python_calamine.CalamineWorkbook.from_path(draft.upload.path).sheet_names if form.kind == "xlsx" else (),
        "tables": [(code, str(label)) for code, label in words.TABLES.items()],
        "templates": templates.known(draft.workspace.folder),
        "said": draft.format,
    }


@require_http_methods(["GET", "POST"])
@page(loads, "run")
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the columns mean and what that makes of the first rows; every change is kept and tried at once."""
    draft = _open(pk)
    if isinstance(draft, HttpResponse):
        return draft
    try:
        form = drafting.known(draft)
    except InputError:
        return HttpResponseRedirect(reverse("data:preview", args=[pk]))
    if request.method == "POST":
        draft.mapping = fields.read(draft.table, request.POST, draft.mapping)
        draft.save()
    context = {**_context(request, draft, form, 3), **_tried(draft, form, request.GET.get("rows", ""))}
    return TemplateResponse(request, "data/columns_body.html" if request.htmx else "data/columns.html", context)  # type: ignore[attr-defined]


def _tried(draft: Draft, form: Format, which: str = "") -> dict[str, Any]:
    """Return the form of the mapping, and what it makes of the first rows or why it cannot be tried yet."""
    problems: dict[str, str] = {}
    problem, tried, mapping = "", None, None
    head = drafting.head_of(draft, form)
    try:
        mapping = Mapping.from_dict(draft.mapping)
        tried = trial.trial(head, form.columns, mapping, draft.workspace.tz)
    except MappingError as fault:
        if fault.target:
            problems[fault.target] = str(fault).partition(": ")[2]
        problem = str(fault)
    except (InputError, UnknownColumn) as fault:
        problem = str(fault)
    samples = {column: tuple(dict.fromkeys(form.values(column)))[:2] for column in form.columns}
    made = fields.form(draft.mapping, form.columns, samples, problems, tried.faults if tried else {})
    shown = [one for one in tried.rows if which != "aside" or one.reason][:SHOWN] if tried else []
    targets = [column for column in schema.TABLES[draft.table].columns if mapping and column.name in mapping.fields]
    figures = {column.name for column in targets if "number" in kinds_for(column.type)}
    return {
        "mapping": made,
        "problem": problem,
        "trial": tried,
        "counted": head.count,
        "reasons": [(faults.label(fault, column), rows) for fault, column, rows in tried.reasons] if tried else [],
        "targets": [(one.name, words.column(one.name), one.name in figures) for one in targets],
        "rows": [(one, [(one.values[to.name], to.name == one.bad, to.name in figures) for to in targets], _marks(draft.table, one)) for one in shown],
        "which": which,
        "columns": form.columns,
        "suggested": re.sub(r"[^\w -]", "", draft.upload.name.partition(".")[0]).strip() or draft.table,
        "zone": draft.mapping.get("tz", ""),
        "key": draft.mapping.get("key", []),
        "refund": draft.mapping.get("refund"),
        "keep_rest": draft.mapping.get("rest", "properties") == "properties",
    }


def _marks(table: str, one: trial.Tried) -> list[str]:
    """Return how a row that fits is noted down where that is worth a word."""
    if one.reason or table != "orders":
        return []
    negative = one.refunded or one.values.get("amount", "").startswith("-")
    return [*([_("refund")] if negative else []), *([_("anonymous order")] if not one.values.get("person") else [])]


@require_POST
@page(loads, "run")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the load."""
    draft = _open(pk)
    if isinstance(draft, HttpResponse):
        return draft
    template = request.POST.get("template_name", "").strip() if request.POST.get("keep") else ""
    try:
        loading.begin(request.actor, draft, template=template)  # type: ignore[attr-defined]
    except InputError as fault:
        form = drafting.form_of(draft)
        context = {**_context(request, draft, form, 3), **_tried(draft, form), "problem": str(fault)}
        return TemplateResponse(request, "data/columns.html", context, status=422)
    return HttpResponseRedirect(reverse("data:running", args=[pk]))


@require_GET
@page(loads, "run")
def running(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the load is, and lead to its result."""
    draft = get_object_or_404(Draft.objects.select_related("upload", "job"), pk=pk)
    if draft.state == Draft.State.DONE:
        return _lead(request, reverse("data:load", args=[draft.load]))
    if draft.job is None or draft.job.state == State.CANCELLED:
        return _lead(request, reverse("data:columns", args=[pk]))
    context = {**_context(request, draft, None, 4), "job": draft.job}
    return TemplateResponse(request, "data/running_body.html" if request.htmx else "data/running.html", context)  # type: ignore[attr-defined]


def _lead(request: HttpRequest, url: str) -> HttpResponse:
    """Lead to another page: by htmx, the whole page follows."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _open(pk: int) -> Draft | HttpResponse:
    """Return a draft that can still be changed, or the way to where it went."""
    draft = get_object_or_404(Draft.objects.select_related("upload", "job"), pk=pk, upload__state=Upload.State.COMPLETE)
    if draft.is_running or draft.state == Draft.State.DONE:
        return HttpResponseRedirect(reverse("data:running", args=[pk]))
    return draft


def _context(request: HttpRequest, draft: Draft, form: Format | None, step: int) -> dict[str, Any]:
    known = drafting.repeated(draft)
    return {
        **frame(request, "loads", (_("Load a file"), reverse("data:choose")), (draft.upload.name, None)),
        "tabs": None,  # what is prepared here has steps of its own
        "draft": draft,
        "form": form,
        "step": step,
        "size": size(draft.upload.size),
        "table_label": words.table(draft.table),
        "known": known,
        "notes": (notes := draft.notes.get(current(), [])),
        "noted": paragraph(*notes),
    }
