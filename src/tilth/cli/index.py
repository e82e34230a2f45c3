"""``tilth index``: how the event index stands, making it, throwing it away; the twin of ``tilth.warehouse.index``."""

from __future__ import annotations

import click

from tilth.cli import output, source
from tilth.cli.command import Group, everywhere, option
from tilth.cli.command import command as make
from tilth.cli.progress import watching
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.language import N_, _

DEMO = option("--demo", is_flag=True, help=N_("Of the demo brand."))


@click.group(
    "index",
    cls=Group,
    help=N_(
        "Show, make or throw away the event index: the events of each person in order, from which questions are answered.\n\n"
        "It is a cache. Questions make it and keep it up by themselves."
    ),
    epilog="tilth index status\ntilth index build\ntilth index drop",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@stacked(*everywhere(workspace=True))
def command() -> None:
    """Hold what can be done with the index."""


@make("status", help=N_("Say whether there is an index, what it holds, and what it lacks."), examples="tilth index status\ntilth index status --demo")
@DEMO
def _status(session: Session, demo: bool) -> None:
    from tilth.warehouse import index

    found = index.status(source.workspace(session, demo))
    if session.json:
        output.document("index status", vars(found))
        return
    if found.state == "none":
        output.say(session, _("There is no index. The next question makes it of {rows} rows.").format(rows=f"{found.behind:,}"))
        return
    told = _("{events} events of {people} people, {megabytes} MB, {bytes} bytes an event, {columns} properties").format(
        events=f"{found.events:,}",
        people=f"{found.people:,}",
        megabytes=f"{found.bytes / 1e6:,.1f}",
        bytes=f"{found.bytes / max(found.events, 1):.1f}",
        columns=found.columns,
    )
    output.say(session, told)
    if found.state == "current":
        output.say(session, _("It is up to date."))
    elif found.behind >= 0:
        output.say(session, _("{rows} rows came since. The next question takes them in.").format(rows=f"{found.behind:,}"))
    else:
        output.say(session, _("Rows were taken back since. The next question makes it anew."))


@make("build", help=N_("Make the index, or bring it up to date."), examples="tilth index build\ntilth index build --anew")
@DEMO
@option("--anew", is_flag=True, help=N_("Throw away what there is first."))
def _build(session: Session, demo: bool, anew: bool) -> None:
    from tilth.warehouse import index
    from tilth.warehouse.loading.ingest import Progress

    workspace = source.workspace(session, demo)
    if anew:
        index.drop(workspace)
    with watching(session, _("Index")) as watch:
        index.opened(workspace, lambda done, total: watch.report(Progress("reading", done, total, done)))
    if session.json:
        output.document("index build", vars(index.status(workspace)))
        return
    found = index.status(workspace)
    output.say(session, _("The index holds {events} events of {people} people.").format(events=f"{found.events:,}", people=f"{found.people:,}"))


@make("drop", help=N_("Throw the index away. The next question makes it anew."), examples="tilth index drop")
@DEMO
def _drop(session: Session, demo: bool) -> None:
    from tilth.warehouse import index

    freed = index.drop(source.workspace(session, demo))
    if session.json:
        output.document("index drop", {"bytes": freed})
        return
    output.say(session, _("Freed {megabytes} MB.").format(megabytes=f"{freed / 1e6:,.1f}"))


for _inner in (_status, _build, _drop):
    command.add_command(_inner)
