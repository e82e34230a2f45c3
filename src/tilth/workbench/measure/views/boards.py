"""Dashboards and the home page: a frame that comes at once, and tiles that come each by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import InputError
from tilth.workbench.jobs.models import State
from tilth.workbench.measure import actions as kept
from tilth.workbench.measure import answers, sources
from tilth.workbench.measure.asking.answer import foremost
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.pickers import Drawing
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.dashboards import actions, exporting, standard
from tilth.workbench.measure.dashboards.asked import PARTS, Common, part_of, question_of
from tilth.workbench.measure.models import Dashboard, Tile
from tilth.workbench.measure.policies import dashboards, questions
from tilth.workbench.measure.views.asking import CANCELLED, QUICK, pairs_of, people_address, started, worker_lives
from tilth.workbench.measure.views.saved import overtaken
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.roles import Role

EACH = 50


@require_GET
@page(dashboards, "view")
def boards(request: HttpRequest) -> HttpResponse:
    """Show the dashboards."""
    actor = request.actor  # type: ignore[attr-defined]
    found = Paginator(actions.visible(actor).prefetch_related("tiles"), EACH).get_page(request.GET.get("page"))
    rows = [{"board": one, "may_delete": dashboards.allows(actor, "delete", one)} for one in found]
    return TemplateResponse(request, "measure/boards/list.html", {"rows": rows, "page": found, "crumbs": [*_trail(), (_("Dashboards"), None)]})


@require_GET
@page(dashboards, "view")
def board(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a dashboard."""
    thing, catalogue = _found(request, pk), Catalogue(request.workspace)  # type: ignore[attr-defined]
    if request.GET.get("format") == "xlsx":
        dashboards.require(request.actor, "export")  # type: ignore[attr-defined]
        return exporting.workbook(thing, _common(request, thing.filters, catalogue), catalogue)
    context = _frame(request, catalogue, thing.filters) | {
        "board": thing,
        "tiles": [_standing(tile, reverse("measure:tile", args=[thing.pk, tile.pk])) for tile in thing.tiles.select_related("question")],
        "may_save": dashboards.allows(request.actor, "save", thing),  # type: ignore[attr-defined]
        "may_share": dashboards.allows(request.actor, "share", thing),  # type: ignore[attr-defined]
        "may_home": dashboards.allows(request.actor, "home", thing),  # type: ignore[attr-defined]
        "may_mail": dashboards.allows(request.actor, "mail", thing),  # type: ignore[attr-defined]
        "editing": "edit" in request.GET,
        "saved_questions": kept.visible(request.actor),  # type: ignore[attr-defined]
        "parts": PARTS.items(),
        "roles": Role.choices,
        "crumbs": [*_trail(), (_("Dashboards"), reverse("measure:boards")), (thing.name, None)],
    }
    return TemplateResponse(request, "measure/boards/board.html", context)


@page()
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page of the actor's role: the dashboard that a manager gave it, else the standard one."""
    catalogue, role = Catalogue(request.workspace), request.actor.role  # type: ignore[attr-defined]
    given = Dashboard.objects.filter(role=role).first()
    if given is not None:
        return board(request, given.pk)
    if not catalogue.there and not catalogue.rows_of("orders"):
        return TemplateResponse(request, "measure/boards/first_steps.html", {"crumbs": [(_("Home"), None)], "steps": _first_steps(request)})
    shown = request.GET.get("as", "")
    role = Role(shown) if shown in Role.values else role
    tiles = [
        {
            "key": one.key,
            "title": one.title,
            "part": one.part,
            "url": reverse("measure:standard", args=[one.key]),
            "place": place,
            "css": _css(place.x, place.y, place.width, place.height),
        }
        for one, place in standard.tiles(role, catalogue)
    ]
    roles = [(label, f"?as={code}", code == role) for code, label in Role.choices if code != Role.MANAGER]
    return TemplateResponse(
        request, "measure/boards/home.html", _frame(request, catalogue, []) | {"tiles": tiles, "roles": roles, "crumbs": [(_("Home"), None)]}
    )


@require_GET
@page(dashboards, "view")
def tile(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """Show what one tile of a dashboard asks."""
    thing, catalogue = _found(request, pk), Catalogue(request.workspace)  # type: ignore[attr-defined]
    one = get_object_or_404(thing.tiles.select_related("question"), pk=key)
    if one.question is None:
        return TemplateResponse(request, "measure/boards/text.html", {"text": one.options.get("text", "")})
    question = question_of(one.question.kind, one.question.query, _common(request, thing.filters, catalogue), catalogue)
    return _tile(request, question, part_of(one), catalogue)


@require_GET
@page(questions, "view")
def standard_tile(request: HttpRequest, key: str) -> HttpResponse:
    """Show a tile of the standard home page."""
    from django.http import Http404

    if key not in standard.ALL:
        raise Http404
    catalogue, one = Catalogue(request.workspace), standard.ALL[key]  # type: ignore[attr-defined]
    return _tile(request, question_of(one.kind, one.pairs, _common(request, [], catalogue), catalogue), one.part, catalogue)


@require_POST
@page(dashboards, "save")
def make(request: HttpRequest) -> HttpResponse:
    """Make a dashboard, with a question on it if one was given."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        thing = actions.make(actor, name=request.POST.get("name", ""), shared="shared" in request.POST)
    except InputError as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(reverse("measure:boards"))
    return HttpResponseRedirect(f"{reverse('measure:board', args=[thing.pk])}?edit=1")


@require_POST
@page(dashboards, "save")
def put(request: HttpRequest) -> HttpResponse:
    """Put a saved question on a dashboard, a new one if a name is given."""
    actor = request.actor  # type: ignore[attr-defined]
    question = get_object_or_404(kept.visible(actor), pk=_number(request.POST.get("question", "")))
    try:
        if request.POST.get("name", "").strip():
            thing = actions.make(actor, name=request.POST["name"], shared=question.shared)
        else:
            thing = get_object_or_404(actions.visible(actor), pk=_number(request.POST.get("board", "")))
        actions.add_tile(actor, thing=thing, question=question, part=request.POST.get("part", "chart"))
    except InputError as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(question.get_absolute_url())
    messages.success(request, _("“{question}” is on “{board}”.").format(question=question.name, board=thing.name))
    return HttpResponseRedirect(reverse("measure:board", args=[thing.pk]))


@require_POST
@page(dashboards, "save")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a dashboard: its name, its tiles, whose home it is. One form, several buttons; ``do`` says which."""
    actor, thing = request.actor, _found(request, pk)  # type: ignore[attr-defined]
    source: Dashboard | None = None
    do, given = request.POST.get("do", ""), request.POST
    version = _number(given.get("version", "")) or None
    try:
        if "copy" in given:  # of a change that came too late
            source, thing, version = thing, actions.copy(actor, source=thing), None
        match do:
            case "settle":
                pairs = parse_qsl(given["common"]) if "common" in given else None
                actions.settle(actor, thing=thing, name=given.get("name", ""), shared="shared" in given, pairs=pairs, version=version)
                return HttpResponseRedirect(reverse("measure:board", args=[thing.pk]))
            case "add":
                question = get_object_or_404(kept.visible(actor), pk=_number(given.get("question", ""))) if given.get("question") else None
                actions.add_tile(actor, thing=thing, question=question, part=given.get("part", "chart"), text=given.get("text", ""))
            case "tile":
                one = get_object_or_404((source or thing).tiles, pk=_number(given.get("tile", "")))
                if source is not None:
                    one = thing.tiles.all()[list(source.tiles.all()).index(one)]
                told = {name: given.get(name) for name in ("title", "part", "text")}
                actions.change_tile(actor, thing=thing, tile=one, **told, version=version)
            case "remove":
                actions.remove_tile(actor, thing=thing, tile=get_object_or_404(thing.tiles, pk=_number(given.get("tile", ""))))
            case "back":
                actions.arrange_back(actor, thing=thing)
            case "home":
                actions.make_home(actor, thing=thing, role=given.get("role", ""))
            case "copy":
                made = actions.copy(actor, source=thing)
                return HttpResponseRedirect(f"{reverse('measure:board', args=[made.pk])}?edit=1")
            case "delete":
                actions.delete(actor, thing=thing)
                messages.success(request, _("“{name}” is deleted.").format(name=thing.name))
                return HttpResponseRedirect(reverse("measure:boards"))
            case _:
                raise InputError(_("Nothing was asked for."))
    except kept.Overtaken as fault:
        again = [(name, given[name]) for name in ("do", "name", "shared", "common", "tile", "title", "part", "text") if name in given]
        return overtaken(request, fault, f"{reverse('measure:board', args=[pk])}?edit=1", request.path, again)
    except InputError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(f"{reverse('measure:board', args=[thing.pk])}?edit=1")


@require_POST
@page(dashboards, "save")
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the places of tiles that were moved, answer with those where they stand now."""
    thing = _found(request, pk)
    try:
        told = json.loads(request.body)
        version = told.get("version")
        found = actions.arrange(request.actor, thing=thing, wanted=told["tiles"], moved=told.get("moved"), version=version)  # type: ignore[attr-defined]
    except kept.Overtaken as fault:
        return JsonResponse({"fault": str(fault), "overtaken": True}, status=409)
    except (ValueError, TypeError, KeyError) as fault:
        return JsonResponse({"fault": str(fault) if isinstance(fault, InputError) else _("The arrangement cannot be read.")}, status=400)
    return JsonResponse(
        {"version": thing.version, "tiles": [{"key": one.key, "x": one.x, "y": one.y, "width": one.width, "height": one.height} for one in found]}
    )


def _found(request: HttpRequest, pk: int) -> Dashboard:
    found: Dashboard = get_object_or_404(actions.visible(request.actor), pk=pk)  # type: ignore[attr-defined]
    return found


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _trail() -> list[tuple[str, str | None]]:
    return [(_("Analysis"), reverse("measure:list"))]


def _css(x: int, y: int, width: int, height: int) -> str:
    return f"grid-area:{y + 1}/{x + 1}/span {height}/span {width}"


def _standing(one: Tile, url: str) -> dict[str, Any]:
    return {
        "key": one.pk,
        "title": str(one),
        "part": part_of(one) if one.question_id else "text",
        "text": one.options.get("text", ""),
        "own_title": one.title,
        "question": one.question,
        "url": url,
        "place": one,
        "css": _css(one.x, one.y, one.width, one.height),
    }


def _common(request: HttpRequest, kept_pairs: Iterable[Iterable[str]], catalogue: Catalogue) -> Common:
    """Return what all tiles are asked about: what the address says, else what is kept with the dashboard."""
    names = ("dates", "people", "where", "compare")
    said = [(name, value) for name, value in pairs_of(request) if name.startswith(names)]
    return Common.read(said or [(name, value) for name, value in kept_pairs], catalogue)


def _frame(request: HttpRequest, catalogue: Catalogue, kept_pairs: Any) -> dict[str, Any]:
    """Return what every dashboard's page needs around its tiles."""
    common = _common(request, kept_pairs, catalogue)
    return {
        "common": common,
        "sentence": common.drawn(Drawing(request, catalogue)) if catalogue.there else "",
        "query": urlencode(common.pairs(catalogue)),
        "until": catalogue.last,
        "version": catalogue.version_of("events"),
    }


def _tile(request: HttpRequest, question: Question | None, part: str, catalogue: Catalogue) -> HttpResponse:
    """Return an answer's part, or what stands in its place: a fault, or the wish to be asked again."""
    context: dict[str, Any] = {"part": part, "question": question}
    if question is None:
        context["failed"] = _("Questions of this kind are no longer there.")
    elif question.faults:
        context["failed"] = " ".join(question.faults.values())
    elif not catalogue.rows_of(question.kind.source):
        context["failed"] = _("There are no facts for this question yet.")
    else:
        context |= _answered(request, question, catalogue)
        context["open"] = question.address(catalogue)
    return TemplateResponse(request, "measure/boards/tile.html", context)


def _answered(request: HttpRequest, question: Question, catalogue: Catalogue) -> dict[str, Any]:
    found = answers.kept(question, catalogue)
    if found is None:
        needed, patient = answers.seconds(question, catalogue), "patient" in request.GET
        query = request.GET.copy()
        query["patient"] = "1"
        again = f"{request.path}?{query.urlencode()}"
        if needed > settings.OPTIONS.limits.heavy_seconds and worker_lives():
            job = started(request, question, catalogue)
            sources.warm(catalogue.workspace, question.kind.source)
            if job.state in (State.FAILED, State.CANCELLED):
                return {"failed": job.error or str(CANCELLED)}
            return {"again": again, "waits": "2s"}
        if needed > QUICK and not patient:
            return {"again": again, "waits": "0s"}
        try:
            found = answers.answer(question, catalogue)
        except InputError as fault:
            return {"failed": str(fault)}
    return {"answer": found, "chart": foremost(found), "people_address": people_address(question, catalogue)}


def _first_steps(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what a new workspace is led through, with what is done."""
    from tilth.workbench.measure.models import Question as Saved

    return [
        {"title": _("Load a file"), "about": _("Orders, events or people from any export."), "url": reverse("data:home"), "done": False},
        {"title": _("Ask a question"), "about": _("Funnel, retention, segments of buyers."), "url": reverse("measure:list"), "done": False},
        {
            "title": _("Keep and share it"),
            "about": _("Saved questions fill dashboards."),
            "url": reverse("measure:boards"),
            "done": Saved.objects.exists(),
        },
    ]
