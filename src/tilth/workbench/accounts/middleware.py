"""Where the installation requires a second factor, it comes before anything else."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

OPEN = ("/sign-in/", "/static/", "/language/", "/healthz")


class SecondFactorMiddleware:
    """Lead whoever has signed in without a second factor to its set-up, while ``sign_in.totp`` is ``required``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        if (
            settings.SECOND_FACTOR_REQUIRED
            and request.user.is_authenticated
            and not request.path_info.startswith(OPEN)
            and not is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        ):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
