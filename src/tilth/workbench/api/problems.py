"""Failures as problem details (RFC 9457): every answer of the API that is no success says in the same form what is wrong and how to mend it.

``type`` names the kind of failure, ``detail`` is worded for people, ``instance`` is the request's id, as in the log and in ``X-Request-Id``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from tilth.errors import InputError, UnknownName
from tilth.warehouse.delta import StoreError
from tilth.warehouse.workspace import WorkspaceError
from tilth.workbench.config.logs import request_id
from tilth.workbench.data.incoming.pieces import WrongOffsetError

MEDIA = "application/problem+json"
PLACE = re.compile(r"/w/[^/]+/api(/|$)")


def problem(status: int, kind: str = "", detail: str = "", **more: Any) -> HttpResponse:
    """Return a problem.

    Parameters
    ----------
    status : int
    kind : str, optional
        The kind of failure, in small letters; that of the status by default.
    detail : str, optional
        What is wrong and how to mend it, in the reader's language.
    **more
        Facts of this kind of failure.
    """
    phrase = HTTPStatus(status).phrase
    told = {
        "type": f"urn:tilth:problem:{kind or phrase.lower().replace(' ', '-')}",
        "title": phrase,
        "status": status,
        "detail": detail or phrase,
        "instance": f"urn:tilth:request:{request_id.get()}",
        **more,
    }
    return HttpResponse(json.dumps(told, ensure_ascii=False, default=str), status=status, content_type=MEDIA)


class ProblemMiddleware:
    """Give failures that something before the API answered (no such address, a method that is not offered, a body too large) the API's form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        place = PLACE.match(request.path_info)
        response = self.get_response(request)
        status = response.status_code
        if not place or status < 300 or status == 304 or response["Content-Type"] == MEDIA:
            return response
        if status < 400:  # a page that has to be seen first, such as that of the second factor
            return problem(403, "sign-in-first", _("Sign in with a browser first: a page there wants something of you."))
        made = problem(status, detail=TEXTS[status]() if status in TEXTS else "")
        for name in ("Allow", "Retry-After"):
            if name in response:
                made[name] = response[name]
        return made


TEXTS: dict[int, Callable[[], str]] = {
    404: lambda: _("There is nothing at this address."),
    405: lambda: _("This address does not answer to this method."),
    503: lambda: _("The data of this workspace cannot be read or written. Its administrator finds the reason in the log."),
    500: lambda: _("This failed, and it is not your fault. Quote the instance when you report it."),
}


def answer_for(api: NinjaAPI) -> None:
    """Let an API answer what is raised inside it as problems."""
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, lambda _request, fault: problem(fault.status_code, detail=str(fault)))
    api.add_exception_handler(Http404, lambda _request, _fault: problem(404, detail=TEXTS[404]()))
    api.add_exception_handler(PermissionDenied, lambda _request, fault: problem(403, "right-missing", str(fault)))
    api.add_exception_handler(WrongOffsetError, lambda _request, fault: problem(409, "wrong-offset", str(fault), received=fault.received))
    for kind in (WorkspaceError, StoreError):
        api.add_exception_handler(kind, lambda _request, fault: problem(503, "facts-unusable", str(fault)))
    api.add_exception_handler(InputError, _refused)


def _invalid(_request: HttpRequest, fault: ValidationError) -> HttpResponse:
    errors = [{"in": one["loc"][0], "name": ".".join(str(part) for part in one["loc"][1:]), "detail": one["msg"]} for one in fault.errors]
    return problem(422, "invalid-request", _("The request does not have the form that is documented."), errors=errors)


def _refused(_request: HttpRequest, fault: InputError) -> HttpResponse:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(fault).__name__.removesuffix("Error")).lower()
    more = {"nearest": fault.nearest} if isinstance(fault, UnknownName) else {}
    return problem(422, kind, str(fault), **more)
