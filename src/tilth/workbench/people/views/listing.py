"""The list of people: filters in the address, saved views, columns, and what is chosen in it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import InputError, TilthError
from tilth.workbench.people import actions, asking, conditions, describing
from tilth.workbench.people.asking import PAGE, Ask
from tilth.workbench.people.columns import USUAL, Sheet
from tilth.workbench.people.models import View
from tilth.workbench.people.policies import people, views
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Workspace

TABLES = ("events", "orders", "people", "identities", "memberships")


@require_GET
@page(people, "view")
def list_people(request: HttpRequest) -> HttpResponse:
    """Show the people whom the address asks for."""
    workspace, contact = request.workspace, people.allows(request.actor, "contact")  # type: ignore[attr-defined]
    problem, ask = "", Ask()
    try:
        if "put" in request.GET:
            return HttpResponseRedirect(_address(_put(request.GET)))
        ask = Ask.of(request.GET)
        number = max(1, int(request.GET.get("page", "1"))) if request.GET.get("page", "1").isdigit() else 1
        found = asking.listed(workspace, ask, contact=contact, offset=(number - 1) * PAGE)
    except TilthError as fault:
        problem, number = str(fault), 1
        ask = _readable(request.GET.get("base", "")) if "put" in request.GET else Ask()
        found = asking.listed(workspace, ask, contact=contact)
    paginator = Paginator(range(found.total), PAGE)
    if number > paginator.num_pages:
        return HttpResponseRedirect(f"?{_with(request.GET, page=str(paginator.num_pages))}")
    sheet = Sheet(workspace)
    shown, counting = sheet.wanted(ask.columns), Counting(workspace, contact)
    return TemplateResponse(
        request,
        "people/list.html",
        {
            "crumbs": [(pgettext("the room", "People"), None)],
            "ask": ask,
            "total": found.total,
            "everybody": counting(Ask()),
            "today": sheet.today,
            "problem": problem,
            "chips": describing.chips(sheet, ask),
            "tabs": _tabs(request, ask, counting),
            "columns": shown,
            "offered": [(column, column in shown) for column in sheet.columns.values()],
            "sortable": _sortable(sheet, contact),
            "sort": ask.sort,
            "rows": sheet.rows(found.frame, shown),
            "page": paginator.get_page(number),
            "selecting": views.allows(request.actor, "save"),  # type: ignore[attr-defined]
            "contact": contact,
        },
    )


@require_GET
@page(people, "view")
def condition(request: HttpRequest) -> HttpResponse:
    """Return the panel in which a condition is chosen and set."""
    workspace = request.workspace  # type: ignore[attr-defined]
    contact = people.allows(request.actor, "contact")  # type: ignore[attr-defined]
    ask = _readable(request.GET.get("base", ""))
    kind, place = request.GET.get("kind", ""), request.GET.get("place", "")
    if not kind and not place:
        return TemplateResponse(request, "people/conditions.html", {"ask": ask, "offered": conditions.offered(workspace, contact=contact)})
    try:
        shown = conditions.form(workspace, ask, kind, request.GET.get("name", ""), place, contact=contact)
    except TilthError as fault:
        return TemplateResponse(request, "people/conditions.html", {"ask": ask, "problem": str(fault)}, status=400)
    if shown["kind"] == "where" and not contact and shown["name"] in asking.hidden(workspace):
        return TemplateResponse(request, "people/conditions.html", {"ask": ask, "problem": str(asking.Hidden(shown["label"]))}, status=403)
    return TemplateResponse(request, "people/condition.html", {"ask": ask, **shown})


@require_POST
@page(views, "save")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is under a name."""
    ask = _readable(request.POST.get("base", ""))
    try:
        if asking.is_personal(request.workspace, ask):  # type: ignore[attr-defined]
            raise InputError(_("A view is for everybody: take the search and conditions on names and numbers off before you save it."))
        view = actions.save_view(request.actor, name=request.POST.get("name", ""), query=ask.query)  # type: ignore[attr-defined]
        messages.success(request, _("The view “{name}” has been saved.").format(name=view.name))
    except TilthError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(_address(ask))


@require_POST
@page(views, "delete")
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a saved view."""
    view = get_object_or_404(View, pk=pk)
    actions.delete_view(request.actor, thing=view)  # type: ignore[attr-defined]
    messages.success(request, _("The view “{name}” has been deleted.").format(name=view.name))
    return HttpResponseRedirect(reverse("people:list"))


def _put(given: QueryDict) -> Ask:
    """Return the question of the list with what one of its forms changes."""
    ask, what = Ask.of(QueryDict(given.get("base", ""))), given["put"]
    if what == "search":
        return replace(ask, given=replace(ask.given, search=given.get("q", "").strip()))
    if what == "columns":
        keys = tuple(given.getlist("column"))
        return replace(ask, columns=() if set(keys) == set(USUAL) else keys)
    return ask.put(conditions.read(given), given.get("place", ""))


def _readable(query: str) -> Ask:
    try:
        return Ask.of(QueryDict(query))
    except TilthError:
        return Ask()


def _address(ask: Ask) -> str:
    query = ask.query
    return reverse("people:list") + (f"?{query}" if query else "")


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed[name] = value
    return changed.urlencode()


def _sortable(sheet: Sheet, contact: bool) -> set[str]:
    masked = frozenset() if contact else asking.hidden(sheet.workspace)
    return {key for key, column in sheet.columns.items() if column.sortable and key not in masked}


def _tabs(request: HttpRequest, ask: Ask, counting: Counting) -> list[dict[str, Any]]:
    """Return the saved views, each with its address, how many people it shows, and whether it is the one on the page."""
    actor = request.actor  # type: ignore[attr-defined]
    base = reverse("people:list")
    made: list[dict[str, Any]] = [{"name": _("All people"), "url": base, "count": None, "here": not ask.query, "view": None}]
    for view in View.objects.all():
        count = counting(_readable(view.query))
        may_delete = views.allows(actor, "delete", view)
        here = view.query == ask.query
        made.append({"name": view.name, "url": f"{base}?{view.query}", "count": count, "here": here, "view": view, "may_delete": may_delete})
    return made


class Counting:
    """Counts of people as tabs show them: each counted once as long as the facts stay."""

    def __init__(self, workspace: Workspace, contact: bool) -> None:
        self.workspace, self.contact = workspace, contact
        versions = "-".join(str(workspace.facts.table_version(name)) for name in TABLES)
        self.state = f"people.count.{workspace.pk}.{versions}.{contact}"

    def __call__(self, ask: Ask) -> int | None:
        """Return how many people a question finds; None when it cannot be asked."""
        key = f"{self.state}.{sha256(ask.query.encode()).hexdigest()[:24]}"
        found: int | None = cache.get(key)
        if found is None:
            try:
                found = asking.listed(self.workspace, ask, contact=self.contact, limit=0).total
            except TilthError:
                return None
            cache.set(key, found, 3600)
        return found
