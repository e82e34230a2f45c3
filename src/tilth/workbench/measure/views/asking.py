"""The page of a question: its sentence, its answer, the people behind a figure, and files of it.

The page itself never waits: an answer that is kept, or quick, comes with it; else the page comes first and asks for the answer. An answer that takes
long is computed by a job, and the page looks again until it is there.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import InputError
from tilth.language import current
from tilth.warehouse import persons
from tilth.workbench.jobs.actions import cancel as stop
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.models import Job, State, Worker
from tilth.workbench.measure import actions as kept
from tilth.workbench.measure import answers, exporting, sources
from tilth.workbench.measure.actions import visible
from tilth.workbench.measure.asking import views
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS, Kind
from tilth.workbench.measure.asking.pickers import Drawing
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.asking.sentence import sentence
from tilth.workbench.measure.dashboards import actions as boards
from tilth.workbench.measure.dashboards.asked import PARTS
from tilth.workbench.measure.models import Question as Saved
from tilth.workbench.measure.policies import dashboards, questions
from tilth.workbench.people import lists
from tilth.workbench.shell.pages import page

QUICK = 0.3
"""Seconds that a page may wait for its first answer."""

CANCELLED = gettext_lazy("The answer was cancelled. Change the question, or load the page to ask again.")


@require_GET
@page(questions, "view")
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Show a question and its answer; after a change of the question only these, without the frame of the page."""
    catalogue, kind = Catalogue(request.workspace), KINDS[code]  # type: ignore[attr-defined]
    if not catalogue.rows_of(kind.source):
        return TemplateResponse(request, "measure/nothing.html", {"kind": kind, "crumbs": _crumbs(kind)})
    question = Question.read(kind, pairs_of(request), catalogue)
    if request.GET.get("format") and not question.faults:
        return exporting.export(request, question, catalogue, request.GET["format"])
    if request.GET.get("answer"):
        return TemplateResponse(request, "measure/answer.html", _answer(request, question, catalogue, patient=True))
    part = bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    context = {
        **_page(request, question, catalogue),
        **_answer(request, question, catalogue, patient=part),
        "sentence": sentence(question, Drawing(request, catalogue)),
        "part": part,
    }
    response = TemplateResponse(request, "measure/parts.html" if part else "measure/question.html", context)
    if part and not question.faults:
        response["HX-Push-Url"] = context["address"]
    return response


@require_GET
@page(questions, "view")
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Show the people whom a figure counts, in the drawer."""
    catalogue, kind = Catalogue(request.workspace), KINDS[code]  # type: ignore[attr-defined]
    question = Question.read(kind, pairs_of(request), catalogue)
    try:
        cell = json.loads(request.GET.get("cell", "{}"))
        if question.faults or not isinstance(cell, dict):
            raise InputError(" ".join(question.faults.values()) or _("This address names no figure."))
        found = answers.people(question, cell, catalogue)
    except (ValueError, TypeError) as fault:
        words = str(fault) if isinstance(fault, InputError) else _("This address names no figure.")
        return TemplateResponse(request, "measure/no_figure.html", {"words": words}, status=400)
    persons_found = persons.resolve(catalogue.workspace.facts, found)
    about = kind.name(question, catalogue)
    if len(persons_found) != len(found):
        about = _("{question}; the figure counts {ids} ids, these are the people behind them").format(question=about, ids=f"{len(found):,}")
    pairs = question.pairs(catalogue)
    source = {
        "kind": "question",
        "payload": {"question": code, "query": pairs, "cell": cell},
        "url": request.build_absolute_uri(question.address(catalogue)),
    }
    return lists.drawer(request, persons_found, kind.people_called(question, cell, catalogue), about, source)


@require_POST
@page(questions, "view")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the job that computes an answer."""
    job = get_object_or_404(Job, pk=pk, kind="measure.answer")
    with suppress(InputError):  # it was over already
        stop(request.actor, thing=job)  # type: ignore[attr-defined]
    return TemplateResponse(request, "measure/answer.html", {"failed": str(CANCELLED)})


def pairs_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values of a request's address."""
    return [(name, value) for name, values in request.GET.lists() for value in values]


def _page(request: HttpRequest, question: Question, catalogue: Catalogue) -> dict[str, Any]:
    """Return what the header of the page needs."""
    kind, key = question.kind, request.GET.get("saved", "")
    saved: Saved | None = visible(request.actor).filter(pk=int(key)).first() if key.isdecimal() else None  # type: ignore[attr-defined]
    if saved is not None:
        kept.opened(saved)
    pairs = [] if question.faults else question.pairs(catalogue)
    name = kind.name(question, catalogue)
    return {
        "kind": kind,
        "question": question,
        "saved": saved,
        "changed": saved is not None and [list(pair) for pair in pairs] != saved.query,
        "may_change": saved is not None and questions.allows(request.actor, "save", saved),  # type: ignore[attr-defined]
        "boards": [one for one in boards.visible(request.actor) if dashboards.allows(request.actor, "save", one)] if saved else [],  # type: ignore[attr-defined]
        "parts": PARTS.items(),
        "name": name,
        "pairs": pairs,
        "address": question.address(catalogue, saved=saved.pk if saved else None) if not question.faults else request.get_full_path(),
        "path": request.path,
        "query": urlencode(pairs),
        "export": f"?{urlencode(pairs)}&" if pairs else "?",
        "link": request.build_absolute_uri(question.address(catalogue)) if not question.faults else "",
        "until": catalogue.last,
        "version": catalogue.version_of(kind.source),
        "crumbs": _crumbs(kind, saved.name if saved else None),
    }


def _crumbs(kind: Kind, name: str | None = None) -> list[tuple[str, str | None]]:
    trail: list[tuple[str, str | None]] = [(_("Analysis"), reverse("measure:list")), (str(kind.label), reverse(f"measure:{kind.code}"))]
    return [*trail, (name, None)] if name else [trail[0], (trail[1][0], None)]


def _answer(request: HttpRequest, question: Question, catalogue: Catalogue, *, patient: bool) -> dict[str, Any]:
    """Return the answer, or what is shown in its place: a fault, the job that computes it, or the wish to be asked again at once."""
    base = {"kind": question.kind, "question": question, "workspace_tz": catalogue.workspace.tz}
    if question.faults:
        return {**base, "unasked": True}
    again = {**base, "ask_again": question.address(catalogue, answer="1", saved=request.GET.get("saved", ""))}
    needed = answers.seconds(question, catalogue)
    if needed > settings.OPTIONS.limits.heavy_seconds and worker_lives():
        job = started(request, question, catalogue)
        sources.warm(catalogue.workspace, question.kind.source)
        if job.state in (State.FAILED, State.CANCELLED):
            return {**base, "failed": job.error or str(CANCELLED)}
        if job.is_open:
            return {**again, "job": job}
    if needed > QUICK and not patient:
        return again
    try:
        found = answers.answer(question, catalogue)
    except InputError as fault:
        return {**base, "failed": str(fault)}
    return {
        **base,
        "answer": found,
        "definition": [(term, _worded(parts)) for term, parts in found["definition"]],
        "people_address": people_address(question, catalogue),
        "views": views.choice(question, catalogue, saved=request.GET.get("saved", "")),
    }


def _worded(parts: list[Any]) -> Any:
    """Return the words of a definition, formulas set apart."""
    drawn = (format_html('<span class="t-formula">{}</span>', p["formula"]) if isinstance(p, dict) else format_html("{}", p) for p in parts)
    return format_html_join("　", "{}", ((one,) for one in drawn))


def people_address(question: Question, catalogue: Catalogue) -> str:
    """Return the address of the people whom an answer's figures count; ``cell`` says which figure."""
    return f"{reverse(f'measure:{question.kind.code}_people')}?{urlencode(question.pairs(catalogue))}"


def started(request: HttpRequest, question: Question, catalogue: Catalogue) -> Job:
    """Return the job that computes an answer: the last one there was while it is asked for again and again, else a new one."""
    arguments = {"question": question.kind.code, "query": [list(pair) for pair in question.pairs(catalogue)], "language": current()}
    name = answers.key(question, catalogue)
    if request.GET.get("job", "").isdecimal():
        looked_for = Job.objects.filter(pk=int(request.GET["job"]), kind="measure.answer", unique=f"answer-{name}").first()
        if looked_for is not None and not looked_for.is_open:
            return looked_for  # ended without an answer that can be found: asking for another job would never end
    return start(request.actor, "measure.answer", title=question.kind.name(question, catalogue)[:200], unique=f"answer-{name}", **arguments)  # type: ignore[attr-defined]


def worker_lives() -> bool:
    """Whether a worker takes jobs; without one an answer is computed here, however long that takes."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - timedelta(minutes=1)).exists()
