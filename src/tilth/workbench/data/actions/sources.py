"""Sources that are read by schedule: kept, tried, read, removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tilth.errors import InputError, TilthError
from tilth.warehouse.loading import templates, watch
from tilth.workbench.data import reach, sealed, words
from tilth.workbench.data.models import Source
from tilth.workbench.data.policies import loads
from tilth.workbench.jobs import actions as jobs
from tilth.workbench.jobs.models import Job
from tilth.workbench.tenancy.actions import Actor, action, record
from tilth.workbench.tenancy.models import Workspace


@dataclass(frozen=True)
class Given:
    """What people say about a source; `url` empty keeps the one that is stored, `cron` empty reads it only by hand."""

    name: str
    kind: Any
    folder: str = ""
    pattern: str = "*"
    url: str = ""
    what: str = ""
    column: str = ""
    table: str = ""
    template: str = ""
    cron: str = ""


@action(loads, "schedule")
def keep(actor: Actor, given: Given, source: Source | None = None) -> Source:
    """Make a source or change one.

    Raises
    ------
    InputError
        For what cannot be read or must not be, a name that is taken, a time that cannot be read.
    """
    source = source or Source(owner=actor.user)
    source.name, source.kind = _name(given.name), given.kind
    if given.url:
        url = reach.address(given.url)
        source.secret, source.shown_address = sealed.seal(url), reach.shown(url)
    if given.table and given.table not in words.TABLES:
        raise InputError(_("There is no table {table}.").format(table=given.table))
    if given.template:
        templates.find(given.template, actor.workspace.folder)
    source.spec = _spec(actor.workspace, given, source)
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError:
        raise InputError(_("There is a source called “{name}” already.").format(name=source.name)) from None
    _schedule(actor, source, " ".join(given.cron.split()))
    record(source, kind=source.kind, cron=given.cron, address=source.shown_address)
    return source


def _name(text: str) -> str:
    text = " ".join(text.split())
    if not 0 < len(text) <= 80:
        raise InputError(_("Give the source a name of at most 80 characters."))
    return text


def _spec(workspace: Workspace, given: Given, source: Source) -> dict[str, Any]:
    """Return what is read, as plain data; the mark of what was read hangs on `key`, the first name, so that a source can be renamed."""
    common = {"table": given.table, "template": given.template}
    if given.kind == Source.Kind.FOLDER:
        return {**common, "folder": str(reach.folder(workspace, given.folder)), "pattern": reach.pattern(given.pattern)}
    if not source.secret:
        raise InputError(_("Give the address of the database."))
    if not given.what.strip() or not given.column.strip():
        raise InputError(_("Say what is read, a table or a SELECT, and which of its columns grows with every new row."))
    key = source.spec.get("key") if source.spec else None
    return {**common, "what": given.what.strip(), "column": given.column.strip(), "key": key or source.name}


def _schedule(actor: Actor, source: Source, cron: str) -> None:
    if source.schedule is not None and source.schedule.cron == cron and source.schedule.title == source.name:
        return
    if source.schedule is not None:
        jobs.unschedule(actor, source.schedule)
        source.schedule = None
    if cron:
        source.schedule = jobs.schedule(actor, "data.source", source.name, cron, source=source.pk)
    source.save(update_fields=["schedule"])


def spec_of(source: Source) -> watch.FolderSource | watch.DatabaseSource:
    """Return a source as the warehouse reads it; a folder is looked at again, because what may be read can have changed."""
    told = source.spec
    how: dict[str, Any] = {"table": told["table"] or None, "mapping": told["template"] or None}
    if source.kind == Source.Kind.FOLDER:
        return watch.FolderSource(name=source.name, folder=str(reach.folder(source.workspace, told["folder"])), pattern=told["pattern"], **how)
    return watch.DatabaseSource(name=told["key"], what=told["what"], column=told["column"], **how)


def url_of(source: Source) -> str | None:
    """Return the address of a source's database, with its password; None for a folder."""
    return reach.address(sealed.opened(source.secret)) if source.kind == Source.Kind.DATABASE else None


@action(loads, "schedule")
def attempt(actor: Actor, source: Source) -> list[watch.Due]:
    """Look what a source has that was not loaded yet; nothing is loaded."""
    record(source)
    return watch.due(actor.workspace.facts, spec_of(source), url=url_of(source))


@action(loads, "schedule")
def read(actor: Actor, source: Source) -> Job:
    """Start to load what a source has."""
    job = jobs.start(actor, "data.source", title=source.name, unique=f"data.source:{source.pk}", source=source.pk)
    record(source)
    return job


@action(loads, "schedule")
def remove(actor: Actor, source: Source) -> None:
    """Read a source no more; what it brought stays."""
    record(source)
    if source.schedule is not None:
        jobs.unschedule(actor, source.schedule)
    source.delete()


def problem_of(fault: TilthError, source: Source) -> str:
    """Return what is wrong, without anything that the source keeps secret."""
    told = str(fault)
    if source.kind == Source.Kind.DATABASE and source.secret:
        import sqlalchemy as sa

        password = sa.make_url(sealed.opened(source.secret)).password
        told = told.replace(str(password), "***") if password else told
    return told
