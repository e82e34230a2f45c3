"""What is kept of questions: the list of kinds and saved questions, saving, opening, deleting."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from tilth.errors import InputError
from tilth.workbench.measure import actions, sources
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import GROUPS, KINDS, ordered
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.policies import questions
from tilth.workbench.shell.pages import page

EACH = 50


@require_GET
@page(questions, "view")
def questions_list(request: HttpRequest) -> HttpResponse:
    """Show the kinds of questions, and those that are kept, the last changed first."""
    actor = request.actor  # type: ignore[attr-defined]
    sources.warm(request.workspace, "events")  # type: ignore[attr-defined]  # whoever comes here is about to ask
    visible = actions.visible(actor)
    tab, kind, text = request.GET.get("of", ""), request.GET.get("kind", ""), request.GET.get("q", "").strip()
    found = visible.filter(owner=actor.user) if tab == "mine" else visible.filter(shared=True) if tab == "shared" else visible
    if kind in KINDS:
        found = found.filter(kind=kind)
    if text:
        found = found.filter(name__icontains=text)
    page = Paginator(found, EACH).get_page(request.GET.get("page"))
    rows = [
        {
            "saved": one,
            "kind": KINDS[one.kind],
            "url": one.get_absolute_url(),
            "may_delete": questions.allows(actor, "delete", one),
        }
        for one in page
        if one.kind in KINDS
    ]
    tabs = [(label, f"?of={code}" if code else "?", tab == code) for code, label in (("", _("All")), ("mine", _("Mine")), ("shared", _("Shared")))]
    groups = [(label, [one for one in ordered() if one.group == code]) for code, label in GROUPS.items()]
    lists = {"kinds": ordered(), "groups": groups, "rows": rows, "any": visible.exists()}
    context = {**lists, "page": page, "tabs": tabs, "text": text, "chosen": kind, "of": tab}
    return TemplateResponse(request, "measure/list.html", {**context, "crumbs": [(_("Analysis"), None)]})


@require_GET
@page(questions, "view")
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the page of a kept question."""
    return HttpResponseRedirect(get_object_or_404(actions.visible(request.actor), pk=pk, kind__in=KINDS).get_absolute_url())  # type: ignore[attr-defined]


@require_POST
@page(questions, "save")
def save(request: HttpRequest) -> HttpResponse:
    """Keep a question, as a new one or in place of one."""
    actor, kind = request.actor, KINDS.get(request.POST.get("kind", ""))  # type: ignore[attr-defined]
    if kind is None:
        return HttpResponseRedirect(reverse("measure:list"))
    catalogue = Catalogue(request.workspace)  # type: ignore[attr-defined]
    question = Question.read(kind, parse_qsl(request.POST.get("query", "")), catalogue)
    key = request.POST.get("saved", "")
    thing = get_object_or_404(actions.visible(actor), pk=int(key)) if key.isdecimal() else None
    try:
        if question.faults:
            raise InputError(" ".join(question.faults.values()))
        kept = actions.save_question(
            actor,
            thing=thing,
            kind=kind.code,
            query=question.pairs(catalogue),
            name=request.POST.get("name", ""),
            note=request.POST.get("note", ""),
            shared="shared" in request.POST,
            version=int(version) if thing is not None and (version := request.POST.get("version", "")).isdecimal() else None,
        )
    except actions.Overtaken as fault:
        again = [(name, request.POST[name]) for name in ("kind", "query", "name", "note", "shared") if name in request.POST]
        return overtaken(request, fault, fault.thing.get_absolute_url(), reverse("measure:save"), again)
    except InputError as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(question.address(catalogue))
    messages.success(request, _("“{name}” is saved.").format(name=kept.name))
    return HttpResponseRedirect(kept.get_absolute_url())


def overtaken(request: HttpRequest, fault: actions.Overtaken, now: str, save: str, given: list[tuple[str, str]]) -> HttpResponse:
    """Return what is shown instead of a change that would undo another: what to look at now, and how to keep one's own as a copy.

    Parameters
    ----------
    now : str
        The address of what it has become.
    save : str
        The address that takes the change once more, for a copy.
    given : list of (name, value)
        The fields of the change.
    """
    context = {"fault": fault, "thing": fault.thing, "now": now, "save": save, "given": given, "crumbs": [(_("Analysis"), reverse("measure:list"))]}
    return TemplateResponse(request, "measure/overtaken.html", {**context, "crumbs": [*context["crumbs"], (fault.thing.name, None)]}, status=409)


@require_POST
@page(questions, "delete")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a kept question."""
    thing = get_object_or_404(actions.visible(request.actor), pk=pk)  # type: ignore[attr-defined]
    actions.delete_question(request.actor, thing=thing)  # type: ignore[attr-defined]
    messages.success(request, _("“{name}” is deleted.").format(name=thing.name))
    return HttpResponseClientRedirect(reverse("measure:list")) if request.htmx else HttpResponseRedirect(reverse("measure:list"))  # type: ignore[attr-defined]
