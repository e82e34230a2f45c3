"""Members and invitations, and what each role may."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage, get_connection
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tilth.errors import InputError
from tilth.workbench.accounts.actions import invitations as inviting
from tilth.workbench.accounts.actions import members as acting
from tilth.workbench.accounts.forms import InviteForm, RoleForm
from tilth.workbench.accounts.models import Invitation
from tilth.workbench.accounts.policies import members
from tilth.workbench.accounts.rooms import framed
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Membership
from tilth.workbench.tenancy.policy import POLICIES
from tilth.workbench.tenancy.roles import ABOUT, Role
from tilth.workbench.tenancy.words import action_words


@page(members, "view")
def listing(request: HttpRequest, **fresh: Any) -> HttpResponse:
    """Show who belongs to the workspace, and who has been invited."""
    second = Authenticator.objects.filter(user=OuterRef("user"), type=Authenticator.Type.TOTP)
    found = Membership.objects.filter(workspace=request.workspace).select_related("user").annotate(second_factor=Exists(second))
    order = list(Role)
    rows = sorted(found, key=lambda one: (order.index(Role(one.role)), one.joined_at))
    may_invite = members.allows(request.actor, "invite")
    context = framed(
        request,
        _("Members"),
        tab="accounts:members",
        members=[{"membership": one, "changes": members.allows(request.actor, "change", one)} for one in rows],
        invitations=Invitation.open().select_related("invited_by") if may_invite else [],
        may_invite=may_invite,
        **fresh,
    )
    return TemplateResponse(request, "accounts/members.html", context)


@page(members, "invite")
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """Show the form of an invitation in the drawer; make one, mail it or show its link once."""
    form = InviteForm(request.actor.role, request.POST or None)
    fault = ""
    if request.method == "POST" and form.is_valid():
        try:
            invitation, token = inviting.invite(request.actor, role=Role(form.cleaned_data["role"]), email=form.cleaned_data["email"])
            link = f"{settings.BASE_URL}/join/{token}/"
            mailed = bool(invitation.email and settings.EMAIL_HOST) and _mail(request, invitation, link)
            return listing(
                request, invited=invitation, link="" if mailed else link, unsent=bool(settings.EMAIL_HOST and invitation.email) and not mailed
            )
        except InputError as refused:
            fault = str(refused)
    if request.htmx:
        return TemplateResponse(request, "accounts/invite_drawer.html", {"form": form})
    return listing(request, form=form, fault=fault)


def _mail(request: HttpRequest, invitation: Invitation, link: str) -> bool:
    """Mail an invitation; return whether the mail server took it."""
    context = {"invitation": invitation, "link": link, "workspace": request.workspace, "inviter": str(request.user)}
    subject = _("{inviter} invites you to {workspace}").format(inviter=request.user, workspace=request.workspace)
    body = render_to_string("accounts/invitation.txt", context, request)
    try:
        return bool(EmailMessage(subject, body, to=[invitation.email], connection=get_connection(timeout=10)).send())
    except OSError:  # refused, unreachable, or no answer in time: the link is shown instead
        return False


@page(members, "revoke")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke an invitation."""
    inviting.revoke(request.actor, thing=get_object_or_404(Invitation, pk=pk))
    messages.success(request, _("The invitation is revoked."))
    return HttpResponseRedirect(reverse("accounts:members"))


@page(members, "view")
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a member in the drawer, with what may be done."""
    found = _member(request, pk)
    may = {verb: members.allows(request.actor, verb, found) for verb in ("change", "remove")}
    mine = found.user_id == request.user.pk
    context = {
        "membership": found,
        "form": RoleForm(request.actor.role, initial={"role": found.role}) if may["change"] else None,
        "about": ABOUT[Role(found.role)],
        "may_remove": may["remove"] and not mine,
        "may_transfer": members.allows(request.actor, "transfer") and not mine,
        "mine": mine,
    }
    return TemplateResponse(request, "accounts/member_drawer.html", context)


@page(members, "change")
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    form = RoleForm(request.actor.role, request.POST)
    role = Role(request.POST["role"]) if request.POST.get("role") in Role.values else None
    found = _member(request, pk)
    if role is not None and not form.is_valid():
        acting.require_gift(request.actor, role)
    return _done(request, lambda: acting.change_role(request.actor, thing=found, role=role or Role(found.role)), _("The role is changed."))


@page(members, "remove")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member out."""
    found = _member(request, pk)
    return _done(
        request, lambda: acting.remove_member(request.actor, thing=found), _("{name} belongs to the workspace no more.").format(name=found.user)
    )


@page(members, "transfer")
@require_POST
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the ownership over."""
    found = _member(request, pk)
    return _done(request, lambda: acting.transfer(request.actor, to=found), _("{name} owns the workspace now.").format(name=found.user))


@page(members, "leave")
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the workspace oneself."""
    try:
        acting.leave(request.actor)
    except InputError as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(reverse("accounts:members"))
    return HttpResponseRedirect("/")


@page(members, "view")
def roles(request: HttpRequest) -> HttpResponse:
    """Show what each role may, as the policies say."""
    kinds = [
        {
            "label": policy.label,
            "rights": [
                (action_words(f"{policy.kind}.{verb}"), f"{policy.kind}:{verb}", [role in policy.roles(verb) for role in Role])
                for verb in policy.verbs
            ],
        }
        for policy in POLICIES.values()
    ]
    about = [(role.label, ABOUT[role]) for role in Role]
    return TemplateResponse(
        request,
        "accounts/roles.html",
        framed(request, _("Roles and rights"), kinds=kinds, about=about, roles=[r.label for r in Role]),
    )


def _member(request: HttpRequest, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user"), pk=pk, workspace=request.workspace)


def _done(request: HttpRequest, act: Any, words: str) -> HttpResponse:
    try:
        act()
        messages.success(request, words)
    except InputError as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("accounts:members"))
