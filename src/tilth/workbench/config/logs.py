"""Logs: one line an event, with the request's id, the workspace and the code of what happened; never a name, an address or a value of a person."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

request_id: ContextVar[str] = ContextVar("tilth_request", default="-")
LOG = logging.getLogger("tilth.request")


class RequestMiddleware:
    """Give each request an id, returned as X-Request-Id, and write one line when it is answered. Queries are left out: they may name people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        token = request_id.set(secrets.token_hex(8))
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            match = request.resolver_match
            LOG.info(
                "%s %s %s",
                request.method,
                match.view_name if match else "-",
                response.status_code,
                extra={"ms": round((time.perf_counter() - began) * 1000, 1), "workspace": getattr(request, "slug", None)},
            )
            return response
        finally:
            request_id.reset(token)


class RequestId(logging.Filter):
    """Adds the request's id to a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add it."""
        record.request_id = request_id.get()
        return True


def configured(level: str, as_json: bool) -> dict[str, Any]:
    """Return Django's logging setting: to standard error, plain or as JSON."""
    plain = {"format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"}
    structured = {"()": "pythonjsonlogger.json.JsonFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestId}},
        "formatters": {"line": structured if as_json else plain},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"tilth": {"level": level.upper()}, "django.request": {"level": "ERROR"}, "axes": {"level": "WARNING"}},
    }
