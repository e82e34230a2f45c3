"""``tilth events``: the twin of ``Workspace.event_dictionary`` and ``Workspace.property_dictionary``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tilth.cli import output
from tilth.cli import source as sources
from tilth.cli.command import Choice, argument, option
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_, _

if TYPE_CHECKING:
    import pandas as pd

    from tilth.analysis.display.tables import Table

EXAMPLES = 3


@make(
    "events",
    help=N_("List the events there are, or the properties of one event or of a table, with what stands in them."),
    examples=("tilth events --demo\ntilth events pay --demo\ntilth events --table orders --demo"),
)
@argument("event", N_("[EVENT]"), required=False)
@option("--table", type=Choice(["events", "orders", "costs"]), help=N_("The properties of this table's rows instead."))
@option("--demo", is_flag=True, help=N_("Ask the demo brand."))
def command(session: Session, event: str | None, table: str | None, demo: bool) -> None:
    """Print the dictionary."""
    if event is not None and table not in (None, "events"):
        raise click.UsageError(_("Only rows of events have an event: leave out {event} or --table.").format(event=event))
    workspace = sources.workspace(session, demo)
    if event is None and table is None:
        frame, kind = workspace.event_dictionary(), "events"
    else:
        frame, kind = workspace.property_dictionary(event, table or "events"), "properties"
    if session.json:
        output.document("events", {kind: output.records(frame), **frame.attrs})
        return
    output.show(_events(frame) if kind == "events" else _properties(frame))


def _events(frame: pd.DataFrame) -> Table:
    from tilth.analysis.display.tables import Cell, Column, Row, Table
    from tilth.analysis.display.wording import count

    rows = [
        Row(tuple(map(Cell, (one.event, count(one.rows), count(one.people), f"{one.first:%Y-%m-%d}", f"{one.last:%Y-%m-%d}"))))
        for one in frame.itertuples()
    ]
    return Table((Column(_("Event"), text=True), Column(_("Rows")), Column(_("People")), Column(_("First")), Column(_("Last"))), tuple(rows))


def _properties(frame: pd.DataFrame) -> Table:
    from tilth.analysis.display.tables import Cell, Column, Row, Table
    from tilth.analysis.display.wording import count, percent

    kinds = {"text": _("text"), "number": _("number"), "time": _("time"), "flag": _("yes or no")}
    rows = []
    for one in frame.itertuples():
        examples = "  ".join(value for value, _rows in one.examples[:EXAMPLES])
        rows.append(Row(tuple(map(Cell, (one.name, kinds[one.kind], percent(one.filled), count(one.distinct), examples)))))
    columns = (
        Column(_("Property"), text=True),
        Column(_("Kind"), text=True),
        Column(_("Filled")),
        Column(_("Values")),
        Column(_("Examples"), text=True),
    )
    return Table(columns, tuple(rows), notes=(_("Counted on a sample of the rows."),) if frame.attrs["sampled"] else ())
