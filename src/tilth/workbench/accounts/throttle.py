"""How wrong passwords are counted: by account and address together, so that nobody can lock out a colleague from elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.adapter import get_adapter
from axes.models import AccessAttempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def account(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the account that is being tried, as a mail address in small letters."""
    given = (credentials or {}).get("email") or request.POST.get("login") or getattr(request.user, "email", "")
    return str(given).strip().lower()


def address(request: HttpRequest) -> str:
    """Return the address that a request comes from; behind a trusted proxy, that which the proxy tells."""
    return str(get_adapter(request).get_client_ip(request))


def unnamed(username: str, ip_address: str, user_agent: str, path_info: str, request: HttpRequest) -> str:
    """Return what the log calls whoever fails to sign in: nothing of theirs."""
    return "somebody"


def locked(request: HttpRequest, *_rest: Any) -> HttpResponse:
    """Say until when this account waits on this address."""
    wait = dt.timedelta(hours=settings.AXES_COOLOFF_TIME)
    tried = AccessAttempt.objects.filter(username=account(request), ip_address=address(request)).order_by("-attempt_time").first()
    return render(request, "accounts/locked.html", {"until": tried.attempt_time + wait if tried else None}, status=429)
