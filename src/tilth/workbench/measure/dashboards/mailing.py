"""Dashboards by mail: at set times, to members, with the pictures in it. A mail holds figures and charts, never single people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.analysis.display import pictures
from tilth.errors import InputError, TilthError
from tilth.language import using
from tilth.workbench.jobs import actions as jobs
from tilth.workbench.jobs.models import Schedule
from tilth.workbench.jobs.registry import Run, job
from tilth.workbench.measure import answers
from tilth.workbench.measure.addresses import address
from tilth.workbench.measure.asking.answer import foremost
from tilth.workbench.measure.asking.catalogue import Catalogue
from tilth.workbench.measure.dashboards.asked import Common, part_of, question_of
from tilth.workbench.measure.models import Dashboard, Tile
from tilth.workbench.measure.policies import dashboards
from tilth.workbench.notify import mail
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership, Workspace

KIND = "dashboard.mail"
TIMES = {
    "0 8 * * *": gettext_lazy("every day at 8:00"),
    "0 8 * * 1": gettext_lazy("every Monday at 8:00"),
    "0 8 1 * *": gettext_lazy("on the first of every month at 8:00"),
}
WIDTH = 640
ROWS = 12
"""Rows of a table that a mail shows."""


@dataclass(frozen=True)
class Part:
    """What a mail shows of a tile: its title, figures, a picture's name, or rows of a table; or why it shows nothing."""

    title: str
    link: str = ""
    figures: tuple[dict[str, Any], ...] = ()
    picture: str = ""
    words: str = ""
    table: dict[str, Any] | None = None
    problem: str = ""


def made(thing: Dashboard, catalogue: Catalogue) -> tuple[list[Part], dict[str, bytes]]:
    """Return the parts of a dashboard's mail in the order of its tiles, and the pictures by their names."""
    common = Common.read([(name, value) for name, value in thing.filters], catalogue)
    parts: list[Part] = []
    drawn: dict[str, bytes] = {}
    for tile in thing.tiles.select_related("question"):
        parts.append(_part(tile, common, catalogue, drawn))
    return parts, drawn


def _part(tile: Tile, common: Common, catalogue: Catalogue, drawn: dict[str, bytes]) -> Part:
    if tile.question is None:
        return Part(str(tile), words=tile.options.get("text", ""))
    question = question_of(tile.question.kind, tile.question.query, common, catalogue)
    if question is None or question.faults or not catalogue.rows_of(question.kind.source):
        return Part(str(tile), problem=_("This tile cannot be answered; open the dashboard to see why."))
    link = question.address(catalogue)
    found = answers.answer(question, catalogue)
    if found["empty"]:
        return Part(str(tile), link, problem=found["empty"])
    part = part_of(tile)
    chart = foremost(found)
    if part == "figures" or chart is None:
        return Part(str(tile), link, figures=tuple(found["figures"]))
    if part == "table" and found["tables"]:
        table = found["tables"][0]
        return Part(str(tile), link, table={**table, "rows": table["rows"][:ROWS], "more": max(0, len(table["rows"]) - ROWS)})
    name = f"tile-{tile.pk}"
    try:
        drawn[name] = pictures.png(chart["option"], WIDTH, max(260, chart["height"]))
    except TilthError as fault:
        return Part(str(tile), link, figures=tuple(found["figures"]), problem=str(fault))
    return Part(str(tile), link, figures=tuple(found["figures"]), picture=name)


def recipients(workspace: Workspace, keys: Iterable[int]) -> list[str]:
    """Return the mail addresses of those of `keys` (users) who are members still."""
    found = Membership.objects.filter(workspace=workspace, user__in=list(keys), user__is_active=True).select_related("user")
    return [one.user.email for one in found]


def schedule(actor: Actor, thing: Dashboard, cron: str, users: Iterable[int], language: str) -> Schedule:
    """Send a dashboard to members at set times.

    Raises
    ------
    InputError
        Without a recipient who is a member, or for times that are not offered.
    Refused
        When the actor may not send this dashboard.
    """
    dashboards.require(actor, "mail", thing)
    chosen = sorted(set(users))
    if not recipients(actor.workspace, chosen):
        raise InputError(_("Choose at least one member who gets the mail."))
    if cron not in TIMES:
        raise InputError(_("Choose one of the times."))
    return jobs.schedule(actor, KIND, thing.name, cron, board=thing.pk, users=chosen, language=language)


def schedules(thing: Dashboard) -> list[Schedule]:
    """Return the schedules by which a dashboard is sent."""
    return [one for one in Schedule.objects.filter(kind=KIND).order_by("pk") if one.arguments.get("board") == thing.pk]


@job(KIND, label=gettext_lazy("Send a dashboard by mail"), limit="30m", right="dashboard:mail")
def send(run: Run, *, board: int, users: list[int], language: str) -> dict[str, Any]:
    """Answer a dashboard's tiles, draw them, and send them to those of `users` who are members still."""
    with using("en" if language == "en" else "zh-Hans"), translation.override(language):
        thing = Dashboard.objects.filter(pk=board).first()
        if thing is None:
            raise InputError(_("The dashboard is no longer there; delete the schedule."))
        to = recipients(run.workspace, users)
        if not to:
            raise InputError(_("Nobody who gets this mail is a member any more; delete the schedule."))
        catalogue = Catalogue(run.workspace)
        run.progress(0, 2, _("Answering"))
        parts, drawn = made(thing, catalogue)
        run.check()
        run.progress(1, 2, _("Sending"))
        subject = _("{board} · data up to {day}").format(board=thing.name, day=catalogue.last_day)
        sent = mail.send(run.workspace, to, subject, "measure/mail/board", context(thing, parts, catalogue), drawn)
        run.progress(2, 2)
        return {"sent": sent, "pictures": len(drawn)}


def context(thing: Dashboard, parts: list[Part], catalogue: Catalogue) -> dict[str, Any]:
    """Return what the mail's templates show."""
    link = address(catalogue.workspace, "measure:board", thing.pk)
    return {"board": thing, "parts": parts, "link": link, "until": catalogue.last_day}
