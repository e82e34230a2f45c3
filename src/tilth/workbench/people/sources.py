"""Where a set of people came from, in a form that travels: signed in a form's hidden field, stored with a segment, and asked again on the server.

A browser never sends back the people of a figure, only which figure it was. Each kind of place where people are shown registers how to ask again::

    @source("question")
    def resolve(workspace: Workspace, payload: dict) -> PersonSet:
        return ...

and hands ``{"kind": "question", "payload": {...}, "url": "/w/shop/analysis/funnel/?…"}`` to :func:`tilth.workbench.people.lists.drawer`.
``payload`` is JSON, and is all that ``resolve`` gets; ``url`` leads back to the page, for the segment's own page. Ids may be of any kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.workbench.tenancy.models import Workspace

Resolver = Callable[[Workspace, dict[str, Any]], PersonSet]
SOURCES: dict[str, Resolver] = {}
SALT = "tilth.people.source"
AGE = 24 * 3600  # seconds that an open page can still be used for


class StaleSource(InputError):
    """A form that no longer says which people are meant."""

    def __init__(self) -> None:
        super().__init__(_("This page has been open for too long. Load it again, then choose the people once more."))


def source(kind: str) -> Callable[[Resolver], Resolver]:
    """Register how the people of a kind of place are asked for again."""

    def register(resolver: Resolver) -> Resolver:
        SOURCES[kind] = resolver
        return resolver

    return register


def signed(workspace: Workspace, given: dict[str, Any]) -> str:
    """Return a token that says which people are meant, for this workspace only."""
    return signing.dumps([workspace.slug, given], salt=SALT, compress=True)


def opened(workspace: Workspace, token: str) -> dict[str, Any]:
    """Return what a token says; StaleSource when it is too old, forged or another workspace's."""
    try:
        slug, given = signing.loads(token, salt=SALT, max_age=AGE)
    except signing.BadSignature:
        raise StaleSource from None
    if slug != workspace.slug:
        raise StaleSource
    return dict(given)


def people_of(workspace: Workspace, given: dict[str, Any]) -> PersonSet:
    """Return the people of a source, as persons."""
    from tilth.warehouse import persons

    return persons.resolve(workspace.facts, SOURCES[given["kind"]](workspace, given["payload"]))
