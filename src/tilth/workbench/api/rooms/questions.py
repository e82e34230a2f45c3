"""Questions: asked by the names and values that stand in the address of their page, answered with figures, rows and definition; kept ones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from tilth.analysis.display import wording
from tilth.errors import InputError, UnknownName
from tilth.language import current
from tilth.workbench.api.forms import Given, Page, Slice, cut
from tilth.workbench.api.rooms.jobs import OneJob
from tilth.workbench.jobs.actions import start
from tilth.workbench.jobs.finding import is_worker_there
from tilth.workbench.measure import actions, answers
from tilth.workbench.measure import questions as _questions  # noqa: F401  (registers the kinds)
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.asking.kinds import KINDS, ordered
from tilth.workbench.measure.asking.question import Question
from tilth.workbench.measure.models import Question as Saved
from tilth.workbench.measure.policies import questions as policy

router = Router(tags=["questions"])
ROWS = 10_000
"""Rows of figures that an answer holds at most."""

Value = str | int | float | bool
Options = dict[str, Value | list[Value] | None]
ADDRESS = {
    "parameters": [
        {
            "in": "query",
            "name": "options",
            "style": "form",
            "explode": True,
            "required": False,
            "description": "The names and values of the address of the question's page, each as a parameter of its own.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ]
}


class OneKind(Schema):
    """A kind of question; `parts` are the names that its options may have."""

    code: str
    label: str
    about: str
    source: str
    parts: list[str]


class Asked(Given):
    """The options of a question, by the names that stand in the address of its page."""

    options: Options = Field(default_factory=dict, examples=[{"step1": "view_product", "step2": "pay_order", "within": "7d"}])


class OneFigure(Schema):
    """A key figure as the page shows it; `people` is the cell by which the people whom it counts are asked for."""

    label: str
    value: str
    unit: str
    change: str
    good: bool | None
    note: str
    people: dict[str, Any] | None


class Term(Schema):
    """A term, and how it is counted."""

    term: str
    text: str


class OneColumn(Schema):
    """A column of the figures."""

    name: str
    label: str


class OneAnswer(Schema):
    """An answer: figures in words, rows unrounded, and what they mean."""

    kind: str
    name: str
    question: list[tuple[str, str]]
    page: str
    asked_at: datetime
    empty: str
    figures: list[OneFigure]
    definition: list[Term]
    notes: list[str]
    columns: list[OneColumn]
    rows: list[dict[str, Any]]
    total: int


class OneSaved(Schema):
    """A question that is kept."""

    id: int
    name: str
    kind: str
    question: list[tuple[str, str]]
    note: str
    shared: bool
    owner: str | None
    updated_at: datetime


class Keep(Given):
    """A question to keep."""

    name: str = Field(max_length=80)
    kind: str
    options: Options = Field(default_factory=dict)
    note: str = Field("", max_length=2000)
    shared: bool = False


@router.get("/kinds", response=list[OneKind])
def list_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """List the kinds of questions that can be asked."""
    policy.require(request.actor, "view")
    return [
        {"code": kind.code, "label": str(kind.label), "about": str(kind.about), "source": kind.source, "parts": [one.name for one in kind.fields]}
        for kind in ordered()
    ]


@router.get("/kinds/{kind}/answer", response={200: OneAnswer, 202: OneJob, 304: None}, openapi_extra=ADDRESS)
def ask_by_address(request: HttpRequest, response: HttpResponse, kind: str) -> Any:
    """Answer a question that stands in the address, as in that of its page. Its ETag changes when the facts or the definition change."""
    return _answered(request, response, kind, [(name, value) for name, values in request.GET.lists() for value in values])


@router.post("/kinds/{kind}/answer", response={200: OneAnswer, 202: OneJob})
def ask(request: HttpRequest, response: HttpResponse, kind: str, body: Asked) -> Any:
    """Answer a question. One that takes long is computed by a job (202): ask again when it is done."""
    return _answered(request, response, kind, pairs(body.options))


@router.get("", response=Page[OneSaved])
def list_questions(request: HttpRequest, part: Query[Slice], kind: str = "") -> dict[str, Any]:
    """List the questions that are kept: one's own, shared ones, and for managers all; the last changed first."""
    policy.require(request.actor, "view")
    kept = actions.visible(request.actor)
    return cut(request, kept.filter(kind=kind) if kind else kept, part, shown)


@router.post("", response={201: OneSaved})
def save_question(request: HttpRequest, body: Keep) -> Any:
    """Keep a question."""
    return Status(201, shown(_kept(request, None, body)))


@router.get("/{int:pk}", response=OneSaved)
def get_question(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return a kept question."""
    return shown(_found(request, pk))


@router.put("/{int:pk}", response=OneSaved)
def change_question(request: HttpRequest, pk: int, body: Keep) -> dict[str, Any]:
    """Put another question in the place of a kept one."""
    return shown(_kept(request, _found(request, pk), body))


@router.delete("/{int:pk}", response={204: None})
def delete_question(request: HttpRequest, pk: int) -> Any:
    """Delete a kept question."""
    actions.delete_question(request.actor, thing=_found(request, pk))
    return Status(204, None)


@router.get("/{int:pk}/answer", response={200: OneAnswer, 202: OneJob, 304: None})
def answer_question(request: HttpRequest, response: HttpResponse, pk: int) -> Any:
    """Answer a kept question."""
    saved = _found(request, pk)
    return _answered(request, response, saved.kind, [(name, value) for name, value in saved.query])


def pairs(options: Options) -> list[tuple[str, str]]:
    """Return options as the names and values of an address.

    Examples
    --------
    >>> pairs({"step1": "view", "by": None, "days": 7, "channel": ["a", "b"]})
    [('step1', 'view'), ('days', '7'), ('channel', 'a'), ('channel', 'b')]
    """
    listed = [(name, value if isinstance(value, list) else [value]) for name, value in options.items() if value is not None]
    return [(name, ("1" if one else "") if isinstance(one, bool) else str(one)) for name, values in listed for one in values]


def read(request: HttpRequest, kind: str, given: Iterable[tuple[str, str]]) -> tuple[Question, Catalogue]:
    """Return the question that is meant; InputError when it cannot be asked."""
    if kind not in KINDS:
        raise UnknownName(_("kind of question"), kind, KINDS)
    catalogue = Catalogue(request.workspace)
    if not catalogue.rows_of(KINDS[kind].source) or not catalogue.there:
        raise InputError(_("There are no data to ask about yet: load some first."))
    question = Question.read(KINDS[kind], given, catalogue)
    if question.faults:
        raise InputError(" ".join(question.faults.values()))
    return question, catalogue


def shown(saved: Saved) -> dict[str, Any]:
    """Return a kept question as the API shows it."""
    return {
        "id": saved.pk,
        "name": saved.name,
        "kind": saved.kind,
        "question": saved.query,
        "note": saved.note,
        "shared": saved.shared,
        "owner": str(saved.owner) if saved.owner else None,
        "updated_at": saved.updated_at,
    }


def _answered(request: HttpRequest, response: HttpResponse, kind: str, given: Iterable[tuple[str, str]]) -> Any:
    actor = request.actor
    policy.require(actor, "view")
    question, catalogue = read(request, kind, given)
    key = answers.key(question, catalogue)
    response["ETag"], response["Cache-Control"] = f'"{key}"', "private, no-cache"
    if request.method == "GET" and f'"{key}"' in request.headers.get("If-None-Match", ""):
        return Status(304, None)
    if answers.seconds(question, catalogue) > settings.OPTIONS.limits.heavy_seconds and is_worker_there():
        arguments = {"question": kind, "query": [list(pair) for pair in question.pairs(catalogue)], "language": current()}
        return Status(202, start(actor, "measure.answer", title=question.kind.name(question, catalogue)[:200], unique=f"answer-{key}", **arguments))
    found = answers.answer(question, catalogue)
    with wording.calling(answers.called(question, catalogue)):
        columns, frame = question.kind.data(answers.result(question, catalogue), question)
    frame = frame[[name for name, _label in columns]]
    rows = json.loads(frame.head(ROWS).to_json(orient="records", date_format="iso", double_precision=15, default_handler=str))
    return Status(
        200,
        {
            "kind": kind,
            "name": question.kind.name(question, catalogue),
            "question": question.pairs(catalogue),
            "page": question.address(catalogue),
            "asked_at": found["asked_at"],
            "empty": found["empty"],
            "figures": found["figures"],
            "definition": [
                {"term": term, "text": "　".join(one["formula"] if isinstance(one, dict) else one for one in parts)}
                for term, parts in found["definition"]
            ],
            "notes": [*found["warnings"], *found["notes"]],
            "columns": [{"name": str(name), "label": str(label)} for name, label in columns],
            "rows": rows,
            "total": len(frame),
        },
    )


def _kept(request: HttpRequest, thing: Saved | None, body: Keep) -> Saved:
    policy.require(request.actor, "save", thing)
    question, catalogue = read(request, body.kind, pairs(body.options))
    return actions.save_question(
        request.actor, thing=thing, kind=body.kind, query=question.pairs(catalogue), name=body.name, note=body.note, shared=body.shared
    )


def _found(request: HttpRequest, pk: int) -> Saved:
    policy.require(request.actor, "view")
    saved: Saved = get_object_or_404(actions.visible(request.actor), pk=pk)
    if saved.kind not in KINDS:
        raise Http404
    return saved
