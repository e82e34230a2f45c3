"""One's own account, inside the workspace's shell."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.workbench.accounts.actions import account as acting
from tilth.workbench.accounts.forms import DisplayForm, EmailForm, NameForm
from tilth.workbench.accounts.policies import account
from tilth.workbench.shell.middleware import COOKIE
from tilth.workbench.shell.pages import page

MAIL_SALT = "tilth.accounts.mail"
YEAR = 365 * 86400


@page(account, "view")
def me(request: HttpRequest, **faulty: Any) -> HttpResponse:
    """Show one's account."""
    totp = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
    context = {
        "crumbs": [(_("My account"), None)],
        "name_form": NameForm(initial={"name": request.user.name}, prefix="n"),
        "email_form": EmailForm(request.user, prefix="m"),
        "display_form": DisplayForm.of(request.user, get_language() or settings.LANGUAGE_CODE),
        "second_factor": totp,
        "second_factor_required": settings.SECOND_FACTOR_REQUIRED,
        "sessions": sorted(UserSession.objects.purge_and_list(request.user), key=lambda one: one.created_at, reverse=True),
        "services": SocialAccount.objects.filter(user=request.user),
        "mailed": bool(settings.EMAIL_HOST),
        **faulty,
    }
    return TemplateResponse(request, "accounts/me.html", context)


@page(account, "change")
@require_POST
def rename(request: HttpRequest) -> HttpResponse:
    """Change one's name."""
    form = NameForm(request.POST, prefix="n")
    if not form.is_valid():
        return me(request, name_form=form)
    acting.rename(request.actor, name=form.cleaned_data["name"])
    return _saved(request, _("Your name is changed."))


@page(account, "change")
@require_POST
def email(request: HttpRequest) -> HttpResponse:
    """Change one's address at once, or, where mail is sent, after the new address has confirmed it."""
    form = EmailForm(request.user, request.POST, prefix="m")
    if not form.is_valid():
        return me(request, email_form=form)
    new = form.cleaned_data["email"]
    if not settings.EMAIL_HOST:
        acting.change_email(request.user, new, verified=False)
        return _saved(request, _("You sign in with {email} from now on.").format(email=new))
    token = signing.dumps({"user": request.user.pk, "email": new, "was": request.user.email}, salt=MAIL_SALT, compress=True)
    link = f"{settings.BASE_URL}/confirm-mail/{token}/"
    body = render_to_string("accounts/confirm_mail.txt", {"link": link, "user": request.user}, request)
    try:
        EmailMessage(_("Confirm your mail address"), body, to=[new], connection=get_connection(timeout=10)).send()
    except OSError:
        form.add_error("email", _("No mail could be sent to this address. Try again later, or tell your administrator."))
        return me(request, email_form=form)
    return _saved(request, _("A mail has gone to {email}. Your address changes when you open the link in it, within a day.").format(email=new))


@page(account, "change")
@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Choose language and colours."""
    form = DisplayForm(request.POST)
    if not form.is_valid():
        return me(request, display_form=form)
    acting.show_as(request.actor, **form.cleaned_data)
    response = _saved(request, "")
    remember_language(response, form.cleaned_data["language"])
    return response


@page(account, "secure")
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out on every other device, or on this one too."""
    everywhere = "here" in request.POST
    acting.end_sessions(request.actor, keep="" if everywhere else request.session.session_key)
    if everywhere:
        logout(request)
        return HttpResponseRedirect(settings.LOGIN_URL)
    return _saved(request, _("All other sessions are ended."))


def remember_language(response: HttpResponse, code: str) -> None:
    """Let the door speak a language from now on, also before signing in."""
    response.set_cookie(COOKIE, code, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True)


def _saved(request: HttpRequest, words: str) -> HttpResponse:
    if words:
        messages.success(request, words)
    return HttpResponseRedirect(reverse("accounts:me"))
