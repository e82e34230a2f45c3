"""What a question is asked of: a workspace, or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli import output, recall, steps
from tilth.cli.command import option
from tilth.cli.session import Session, demo_folder
from tilth.engine import ENGINES
from tilth.engine.home import kernel_cache_filled
from tilth.errors import InputError
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.analysis.events import Events
    from tilth.analysis.orders import Orders
    from tilth.warehouse.workspace import Workspace

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class NoWorkspace(InputError):
    """There is no workspace where one was looked for."""

    def __init__(self, folder: Path, demo: bool) -> None:
        self.folder = folder
        if demo:
            text = _("There is no demo brand yet ({folder}). Build it: tilth demo")
        else:
            text = _(
                "There is no workspace in {folder}. Make one: tilth init; or ask a file: --file events.csv; or look at the demo brand: tilth demo, "
                "then --demo."
            )
        super().__init__(text.format(folder=folder))


def stacked(*given: Decorator) -> Decorator:
    """Return several decorators as one; their options are listed in this order."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed(given):
            function = one(function)
        return function

    return decorate


_PLACE = stacked(
    option("--file", metavar=N_("PATH"), help=N_("Ask a file (csv, tsv, jsonl, each also .gz, or parquet; or a pattern) rather than the workspace.")),
    option("--demo", is_flag=True, help=N_("Ask the demo brand.")),
    option("--as-of", type=int, metavar=N_("VERSION"), help=N_("Ask the workspace's table as it was at a version.")),
    option("--tz", metavar=N_("ZONE"), help=N_("Time zone of the file's times without an offset, and of days; default Asia/Shanghai.")),
)

events_options = stacked(
    _PLACE,
    option("--person", default="user_id", show_default=True, metavar=N_("COLUMN"), help=N_("The file's column of people.")),
    option("--time", default="ts", show_default=True, metavar=N_("COLUMN"), help=N_("The file's column of times.")),
    option("--event", default="event", show_default=True, metavar=N_("COLUMN"), help=N_("The file's column of event names.")),
    option("--order-by", metavar=N_("COLUMN"), help=N_("The file's column that puts events of one time in order.")),
    option("--week-start", metavar=N_("DAY"), help=N_("First day of weeks, such as monday.")),
    option("--from", "start_at", metavar=N_("TIME"), help=N_("Look at events from this time or day on.")),
    option("--to", "end_at", metavar=N_("TIME"), help=N_("Look at events before this time, or up to the end of this day.")),
    option(
        "--where",
        multiple=True,
        shell_complete=recall.columns,
        metavar=N_("CONDITION"),
        help=N_("Look at events for which it holds, such as channel=douyin; several must all hold."),
    ),
    option(
        "--within-people",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar=N_("FILE"),
        help=N_("Look at the people listed in a CSV file, by its first column, such as 'tilth people' writes."),
    ),
    option("--sample", type=float, metavar=N_("SHARE"), help=N_("Look at a share of the people, such as 0.1, always the same ones.")),
    option("--engine", type=click.Choice(ENGINES), help=N_("Where the question runs; by default where the workspace's settings say.")),
)

orders_options = stacked(
    _PLACE,
    option("--person", default="user_id", show_default=True, metavar=N_("COLUMN"), help=N_("The file's column of people.")),
    option("--time", default="ts", show_default=True, metavar=N_("COLUMN"), help=N_("The file's column of times.")),
    option("--amount", default="amount", show_default=True, metavar=N_("COLUMN"), help=N_("The file's column of amounts; refunds are negative.")),
    option("--order", metavar=N_("COLUMN"), help=N_("The file's column of order ids; without it every row is an order.")),
    option("--product", metavar=N_("COLUMN"), help=N_("The file's column of goods.")),
)


def workspace(session: Session, demo: bool = False) -> Workspace:
    """Open the workspace that the session names, or the demo brand's."""
    folder = demo_folder() if demo else session.folder
    if not (folder / "workspace.toml").exists():
        raise NoWorkspace(folder, demo)
    from tilth.warehouse.workspace import Workspace

    return Workspace.open(folder)


def events(session: Session, given: dict[str, Any]) -> Events:
    """Open the events that the options of :data:`events_options` name and narrow; takes these options out of `given`."""
    if sys.stderr.isatty() and not kernel_cache_filled():
        output.note(_("First use: compiling the kernels, which takes some ten seconds, once …"))
    where = recall.place(session, given)
    taken = {name: given.pop(name) for name in ("file", "demo", "as_of", "tz", "person", "time", "event", "order_by", "week_start", "engine")}
    if taken["file"]:
        from tilth.analysis.events import Events

        named = {"tz": taken["tz"], "week_start": taken["week_start"]}
        found = Events(taken["file"], taken["person"], taken["time"], taken["event"], taken["order_by"], **{k: v for k, v in named.items() if v})
        found = found.on(taken["engine"])
    else:
        found = workspace(session, taken["demo"]).events(taken["as_of"], taken["engine"])
    recall.remember(where, found)
    return _narrowed(found, given)


def orders(session: Session, given: dict[str, Any]) -> Orders:
    """Open the orders that the options of :data:`orders_options` name; takes these options out of `given`."""
    taken = {name: given.pop(name) for name in ("file", "demo", "as_of", "tz", "person", "time", "amount", "order", "product")}
    if taken["file"]:
        from tilth.analysis.orders import Orders

        columns = (taken["person"], taken["time"], taken["amount"], taken["order"], taken["product"])
        return Orders(taken["file"], *columns, **({"tz": taken["tz"]} if taken["tz"] else {}))
    return workspace(session, taken["demo"]).orders(taken["as_of"])


def _narrowed(found: Events, given: dict[str, Any]) -> Events:
    start, end, where = given.pop("start_at"), given.pop("end_at"), given.pop("where")
    people, sample = given.pop("within_people"), given.pop("sample")
    if start is not None or end is not None:
        found = found.during(start, end)
    if where:
        found = found.where(steps.conditions([steps.condition(one) for one in where]))
    if people is not None:
        found = found.within(_listed(people))
    return found.sample(sample) if sample is not None else found


def _listed(path: Path) -> list[str]:
    """Return the ids in a CSV file's first column; an apostrophe that keeps an id from being a formula is taken off again."""
    import csv

    with path.open(encoding="utf-8-sig", newline="") as stream:
        ids = [row[0] for row in csv.reader(stream) if row][1:]
    return [one[1:] if one.startswith(("'=", "'+", "'-", "'@")) else one for one in ids]
