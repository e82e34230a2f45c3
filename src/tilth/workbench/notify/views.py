"""The page that shows how mail is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tilth.errors import TilthError
from tilth.workbench.accounts.rooms import framed
from tilth.workbench.notify import actions, mail
from tilth.workbench.notify.policies import mails
from tilth.workbench.shell.pages import page


@require_GET
@page(mails, "view")
def state(request: HttpRequest) -> HttpResponse:
    """Show whether and how mail is sent."""
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    context = framed(request, _("Mail"), is_set_up=mail.is_set_up(), server=server, sender=settings.DEFAULT_FROM_EMAIL, tls=settings.EMAIL_USE_TLS)
    return TemplateResponse(request, "notify/state.html", context)


@require_POST
@page(mails, "send")
def trial(request: HttpRequest) -> HttpResponse:
    """Send the actor a mail."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    try:
        actions.send_trial(actor)
        messages.success(request, _("A mail is on its way to {address}.").format(address=actor.user.email))
    except TilthError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("notify:mail"))
