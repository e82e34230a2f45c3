"""``tilth person``: the twin of ``Workspace.person`` and ``Workspace.timeline``."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from tilth.cli import output
from tilth.cli import source as sources
from tilth.cli.command import argument, option
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.warehouse.persons import Moment, Person


@make(
    "person",
    help=N_("Show one person: profile, ids, segments, figures, and what they did and bought, newest first.\n\nAny id of theirs will do."),
    examples=("tilth person u91688450 --demo\ntilth person u91688450 --only pay --limit 5 --demo"),
)
@argument("id", N_("ID"))
@option("--only", multiple=True, metavar=N_("EVENT"), help=N_("Show only these events, and no orders."))
@option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar=N_("NUMBER"), help=N_("How many moments to show."))
@option("--before", metavar=N_("PLACE"), help=N_("Go on from the place that the page before named."))
@option("--demo", is_flag=True, help=N_("Ask the demo brand."))
def command(session: Session, id: str, only: tuple[str, ...], limit: int, before: str | None, demo: bool) -> None:
    """Print a person."""
    workspace = sources.workspace(session, demo)
    person = workspace.person(id)
    page = workspace.timeline(id, before, limit, only or None, orders=not only)
    if session.json:
        output.document("person", {**asdict(person), "moments": [asdict(moment) for moment in page.moments], "next": page.next})
        return
    if before is None:
        _describe(session, person)
    for moment in page.moments:
        output.say(session, f"{moment.time:%Y-%m-%d %H:%M}  {_told(moment)}")
    if page.next is not None:
        output.say(session, _("Go on with --before {place}").format(place=page.next))


def _describe(session: Session, person: Person) -> None:
    figures = person.figures
    output.say(session, f"{person.id} ({person.kind or '?'})")
    output.say(session, "  ".join(f"{name}={value}" for name, value in {**person.profile, **person.properties}.items()))
    output.say(session, _("Ids: {ids}").format(ids="  ".join(f"{one.kind}={one.value}" for one in person.ids if one.until is None)))
    if person.segments:
        output.say(session, _("Segments: {segments}").format(segments=", ".join(person.segments)))
    told = _("Events: {events}; orders: {orders}; spent: {spent}")
    output.say(session, told.format(events=f"{figures.events:,}", orders=f"{figures.orders:,}", spent=f"{figures.spent:,.2f}"))


def _told(moment: Moment) -> str:
    if moment.kind != "event":
        goods = ", ".join(str(line.get("product", "?")) for line in moment.lines)
        return f"{_('order') if moment.kind == 'order' else _('refund')} {moment.name}  {moment.amount:,.2f}  {goods}"
    return f"{moment.name}  " + "  ".join(f"{name}={_shown(value)}" for name, value in moment.details.items())


def _shown(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
