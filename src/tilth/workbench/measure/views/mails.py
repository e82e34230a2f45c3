"""A dashboard by mail: to whom and when, how it looks, and sending it now."""

from __future__ import annotations

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tilth.errors import TilthError
from tilth.workbench.jobs import actions as jobs
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.dashboards import actions, mailing
from tilth.workbench.measure.models import Dashboard
from tilth.workbench.measure.policies import dashboards
from tilth.workbench.notify import mail
from tilth.workbench.shell.pages import page
from tilth.workbench.tenancy.models import Membership

MINUTES = 10
"""How long the pictures of a mail that is looked at are kept."""


@page(dashboards, "mail")
def mails(request: HttpRequest, pk: int) -> HttpResponse:
    """Show when a dashboard is sent and to whom; take a new schedule, end one, or send now."""
    actor, thing = request.actor, _found(request, pk)  # type: ignore[attr-defined]
    here = HttpResponseRedirect(reverse("measure:mails", args=[pk]))
    if request.method == "POST":
        given, users = request.POST, [int(key) for key in request.POST.getlist("user") if key.isdecimal()]
        try:
            if given.get("end", "").isdecimal():
                one = next((s for s in mailing.schedules(thing) if s.pk == int(given["end"])), None)
                if one is None:
                    raise Http404
                jobs.unschedule(actor, one)
            elif "now" in given:
                started = jobs.start(actor, mailing.KIND, title=thing.name, board=pk, users=users or [actor.user.pk], language=get_language())
                return HttpResponseRedirect(reverse("jobs:detail", args=[started.pk]))
            else:
                mailing.schedule(actor, thing, given.get("cron", ""), users, get_language() or "zh-hans")
                messages.success(request, _("The mail is scheduled."))
        except TilthError as fault:
            messages.error(request, str(fault))
        return here
    members = Membership.objects.filter(workspace=actor.workspace).select_related("user")
    names = {one.user_id: str(one.user) for one in members}
    rows = [{"one": one, "who": [names[key] for key in one.arguments["users"] if key in names]} for one in mailing.schedules(thing)]
    for row in rows:
        row["when"] = mailing.TIMES.get(row["one"].cron, row["one"].cron)
    crumbs = [
        *((_("Analysis"), reverse("measure:list")), (_("Dashboards"), reverse("measure:boards"))),
        *((thing.name, reverse("measure:board", args=[pk])), (_("By mail"), None)),
    ]
    context = {"board": thing, "rows": rows, "members": members, "times": mailing.TIMES.items(), "set_up": mail.is_set_up(), "crumbs": crumbs}
    return TemplateResponse(request, "measure/boards/mails.html", context)


@require_GET
@page(dashboards, "mail")
def see(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the mail as it would go out now."""
    thing, catalogue = _found(request, pk), Catalogue(request.workspace)  # type: ignore[attr-defined]
    parts, drawn = mailing.made(thing, catalogue)
    for name, picture in drawn.items():
        cache.set(_key(request, pk, name), picture, MINUTES * 60)
    addresses = {name: reverse("measure:mail_picture", args=[pk, name]) for name in drawn}
    known = {"addresses": addresses, "workspace": request.workspace, "base_url": "", "subject": thing.name}  # type: ignore[attr-defined]
    context = mailing.context(thing, parts, catalogue) | known
    return TemplateResponse(request, "measure/mail/board.html", context)


@require_GET
@page(dashboards, "mail")
def picture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Return a picture of the mail that was just looked at."""
    _found(request, pk)
    found = cache.get(_key(request, pk, name))
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="image/png")


def _found(request: HttpRequest, pk: int) -> Dashboard:
    found: Dashboard = get_object_or_404(actions.visible(request.actor), pk=pk)  # type: ignore[attr-defined]
    return found


def _key(request: HttpRequest, pk: int, name: str) -> str:
    return f"tilth.mail.{request.workspace.pk}.{pk}.{name}"  # type: ignore[attr-defined]
