"""What members do with dashboards: make, name, share, fill, arrange, give to a role, copy, delete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from tilth.errors import InputError
from tilth.workbench.measure.actions import Nameless, renew
from tilth.workbench.measure.dashboards.asked import PARTS
from tilth.workbench.measure.dashboards.grid import LEAST, Place, free, settled
from tilth.workbench.measure.models import Dashboard, Question, Tile
from tilth.workbench.measure.policies import dashboards
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.roles import MANAGERS, Role

MOST_TILES = 40
SIZES = {"chart": (6, 9), "table": (6, 11), "figures": (12, 3), "text": (6, 3)}
"""Columns and rows that a new tile takes."""


class TooManyTiles(InputError):
    """A dashboard is full."""


@action(dashboards, "save")
def make(actor: Actor, *, name: str, shared: bool = False) -> Dashboard:
    """Make an empty dashboard."""
    if not name.strip():
        raise Nameless
    if shared:
        dashboards.require(actor, "share")
    made = Dashboard.objects.create(name=name.strip()[:80], owner=actor.user, shared=shared)
    record(made, shared=shared)
    return made


@action(dashboards, "save")
def settle(
    actor: Actor, *, thing: Dashboard, name: str, shared: bool, pairs: Iterable[tuple[str, str]] | None = None, version: int | None = None
) -> Dashboard:
    """Name a dashboard, share it or not, and keep the days, people and conditions that all its tiles are asked about.

    Overtaken when it is no longer at `version`; so with a tile's change and an arrangement.
    """
    if not name.strip():
        raise Nameless
    if shared and not thing.shared:
        dashboards.require(actor, "share", thing)
    renew(thing, version)
    thing.name, thing.shared = name.strip()[:80], shared
    if pairs is not None:
        thing.filters = [list(pair) for pair in pairs]
    thing.save()
    record(thing, shared=shared)
    return thing


@action(dashboards, "save")
def add_tile(
    actor: Actor, *, thing: Dashboard, question: Question | None = None, part: str = "chart", title: str = "", text: str = "", again: Any = None
) -> Tile:
    """Put a question's answer, or text, on a dashboard, in the first free place."""
    if thing.tiles.count() >= MOST_TILES:
        raise TooManyTiles(_("A dashboard holds up to {most} tiles; begin another one.").format(most=MOST_TILES))
    if question is None and not text.strip():
        raise InputError(_("Choose a question, or write a text."))
    part = part if part in PARTS else "chart"
    width, height = SIZES[part if question is not None else "text"]
    renew(thing)
    x, y = free(places(thing), width, height)
    kind = Tile.Kind.TEXT if question is None else Tile.Kind.FIGURE if part == "figures" else Tile.Kind.QUESTION
    options = {"text": text.strip()[:2000]} if question is None else {"part": part}
    tile = Tile.objects.create(
        dashboard=thing, question=question, kind=kind, title=title.strip()[:80], x=x, y=y, width=width, height=height, options=options
    )
    record(thing, added=kind)
    return tile


@action(dashboards, "save")
def change_tile(
    actor: Actor,
    *,
    thing: Dashboard,
    tile: Tile,
    title: str | None = None,
    part: str | None = None,
    text: str | None = None,
    version: int | None = None,
) -> Tile:
    """Change a tile's title, what it shows of its answer, or its text."""
    renew(thing, version)
    if title is not None:
        tile.title = title.strip()[:80]
    if part in PARTS and tile.question_id:
        tile.options = {**tile.options, "part": part}
        tile.kind = Tile.Kind.FIGURE if part == "figures" else Tile.Kind.QUESTION
    if text is not None and not tile.question_id:
        tile.options = {**tile.options, "text": text.strip()[:2000]}
    tile.save()
    record(thing, changed=tile.pk)
    return tile


@action(dashboards, "save")
def remove_tile(actor: Actor, *, thing: Dashboard, tile: Tile) -> None:
    """Take a tile off a dashboard; its question stays."""
    renew(thing)
    record(thing, removed=tile.pk)
    tile.delete()
    _put(thing, settled(places(thing)))


@action(dashboards, "save")
def arrange(
    actor: Actor, *, thing: Dashboard, wanted: Iterable[Mapping[str, int]], moved: int | None = None, version: int | None = None
) -> list[Place]:
    """Put tiles where they were dropped, settled so that none covers another; what was is kept to go back to.

    Parameters
    ----------
    wanted : iterable of mappings
        ``key``, ``x``, ``y``, ``width``, ``height`` of tiles; those not named stay.
    moved : int, optional
        The tile that was just moved: it gets the place that it was dropped on.
    version : int, optional
        The one of the dashboard that was looked at.
    """
    now = {place.key: place for place in places(thing)}
    try:
        told = {int(one["key"]): Place(*(int(one[name]) for name in ("key", "x", "y", "width", "height"))) for one in wanted}
    except (KeyError, TypeError, ValueError) as fault:
        raise InputError(_("The arrangement cannot be read.")) from fault
    renew(thing, version)
    found = settled({**now, **{key: place for key, place in told.items() if key in now}}.values(), moved)
    thing.layout = {"before": [[place.key, place.x, place.y, place.width, place.height] for place in now.values()]}
    thing.save(update_fields=["layout", "updated_at"])
    _put(thing, found)
    record(thing, arranged=len(found))
    return found


@action(dashboards, "save")
def arrange_back(actor: Actor, *, thing: Dashboard) -> None:
    """Undo the last arrangement; doing so again does it anew."""
    before = [Place(*told) for told in thing.layout.get("before", [])]
    if not before:
        raise InputError(_("Nothing has been arranged yet."))
    renew(thing)
    now = {place.key: place for place in places(thing)}
    thing.layout = {"before": [[place.key, place.x, place.y, place.width, place.height] for place in now.values()]}
    thing.save(update_fields=["layout", "updated_at"])
    _put(thing, settled({**now, **{place.key: place for place in before if place.key in now}}.values()))
    record(thing, arranged="back")


@action(dashboards, "save")
def copy(actor: Actor, *, source: Dashboard) -> Dashboard:
    """Copy a dashboard that the actor may see, with its tiles; the copy is the actor's own."""
    dashboards.require(actor, "view", source)
    made = Dashboard.objects.create(name=_("{name} (copy)").format(name=source.name)[:80], owner=actor.user, filters=source.filters)
    for tile in source.tiles.all():
        tile.pk, tile.dashboard = None, made
        tile._state.adding = True
        tile.save()
    record(made, copied=source.pk)
    return made


@action(dashboards, "home")
def make_home(actor: Actor, *, thing: Dashboard, role: str) -> None:
    """Make a dashboard the home page of a role, or of none; it is shared then, so that they can see it."""
    if role and role not in Role.values:
        raise InputError(_("There is no role {role}.").format(role=repr(role)))
    if role:
        for other in Dashboard.objects.filter(role=role).exclude(pk=thing.pk):
            other.role = ""
            other.save(update_fields=["role", "updated_at"])
    renew(thing)
    thing.role, thing.shared = role, thing.shared or bool(role)
    thing.save()
    record(thing, role=role)


@action(dashboards, "delete")
def delete(actor: Actor, *, thing: Dashboard) -> None:
    """Delete a dashboard; the questions on it stay."""
    record(thing, tiles=thing.tiles.count())
    thing.delete()


def visible(actor: Actor) -> Any:
    """Return the dashboards that an actor may open: their own, shared ones, and for managers all."""
    found = Dashboard.objects.select_related("owner")
    return found if actor.role in MANAGERS else found.filter(Q(shared=True) | Q(owner=actor.user, owner__isnull=False))


def places(thing: Dashboard) -> list[Place]:
    """Return where the tiles of a dashboard stand."""
    return [Place(tile.pk, tile.x, tile.y, max(tile.width, LEAST[0]), max(tile.height, LEAST[1])) for tile in thing.tiles.all()]


def _put(thing: Dashboard, found: Iterable[Place]) -> None:
    for place in found:
        thing.tiles.filter(pk=place.key).update(x=place.x, y=place.y, width=place.width, height=place.height)
