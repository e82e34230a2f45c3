"""Pages outside any workspace: an invitation, the language of the door, a new workspace, a confirmed mail address."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from wagtail.users.models import UserProfile

from tilth.errors import InputError
from tilth.workbench.accounts.actions import invitations
from tilth.workbench.accounts.actions.account import change_email
from tilth.workbench.accounts.actions.workspaces import create_workspace
from tilth.workbench.accounts.forms import NewAccountForm, NewWorkspaceForm
from tilth.workbench.accounts.models import User
from tilth.workbench.accounts.views.account import MAIL_SALT, remember_language
from tilth.workbench.shell.middleware import CODES
from tilth.workbench.tenancy.models import Membership

BACKEND = "tilth.workbench.accounts.backends.MemberBackend"
DAY = 86400


@never_cache
@sensitive_post_parameters("password")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; accept it with the account that has signed in, or with a new one."""
    try:
        invitation = invitations.find(token)
        if request.user.is_authenticated and Membership.objects.filter(workspace=invitation.workspace, user=request.user).exists():
            return HttpResponseRedirect(invitation.workspace.url)
        if request.method == "POST" and request.user.is_authenticated:
            invitations.accept(invitation, request.user)
            return HttpResponseRedirect(invitation.workspace.url)
        form = None if request.user.is_authenticated else NewAccountForm(invitation.email, request.POST or None)
        if request.method == "POST" and form is not None and form.is_valid():
            user = invitations.accept_anew(invitation, **form.cleaned_data)
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect(invitation.workspace.url)
    except invitations.Unusable as fault:
        return render(request, "accounts/unusable.html", {"reason": str(fault)}, status=410)
    return render(request, "accounts/join.html", {"invitation": invitation, "form": form})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language from now on."""
    code, then = request.POST.get("language", ""), request.POST.get("next", "/")
    if code not in CODES:
        raise Http404
    response = HttpResponseRedirect(then if url_has_allowed_host_and_scheme(then, {request.get_host()}, request.is_secure()) else "/")
    remember_language(response, code)
    if request.user.is_authenticated:
        UserProfile.objects.update_or_create(user=request.user, defaults={"preferred_language": code})
    return response


@login_required
def new_workspace(request: HttpRequest) -> HttpResponse:
    """Make a workspace; only an administrator of the installation finds this page."""
    if not request.user.is_staff:
        raise Http404
    form = NewWorkspaceForm(request.POST or None, initial={"tz": settings.TIME_ZONE})
    if request.method == "POST" and form.is_valid():
        try:
            made = create_workspace(request.user, **form.cleaned_data)
            return HttpResponseRedirect(made.url)
        except InputError as fault:
            form.add_error("slug", str(fault))
    return render(request, "accounts/new_workspace.html", {"form": form})


@never_cache
def confirm_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Let a new mail address take the place of the old one, once somebody at the new one says so."""
    try:
        told = signing.loads(token, salt=MAIL_SALT, max_age=DAY)
        user = User.objects.get(pk=told["user"], email=told["was"], is_active=True)
        if request.method == "POST":
            change_email(user, told["email"], verified=True)
            return HttpResponseRedirect("/")
    except (signing.BadSignature, User.DoesNotExist):
        reason = _("This link has been used, or its day is over. Ask for another on the page of your account.")
        return render(request, "accounts/unusable.html", {"reason": reason}, status=410)
    except InputError as fault:
        return render(request, "accounts/unusable.html", {"reason": str(fault)}, status=409)
    return render(request, "accounts/confirm_mail.html", {"email": told["email"]})
