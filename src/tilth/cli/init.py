"""``tilth init``: the twin of ``Workspace.create``."""

from __future__ import annotations

from tilth.cli import output
from tilth.cli.command import Choice, option
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_, _


@make(
    "init",
    help=N_("Make a workspace: the folder where one business keeps its facts."),
    examples=("tilth init\ntilth -w shop init --tz Asia/Shanghai --currency CNY"),
)
@option("--tz", default="Asia/Shanghai", show_default=True, metavar=N_("ZONE"), help=N_("Time zone of its days, and of times without an offset."))
@option("--currency", default="CNY", show_default=True, metavar=N_("CODE"), help=N_("Currency of its amounts, by ISO 4217."))
@option("--week-start", type=Choice(["monday", "sunday", "saturday"]), default="monday", show_default=True, help=N_("First day of its weeks."))
def command(session: Session, tz: str, currency: str, week_start: str) -> None:
    """Make a workspace."""
    from tilth.warehouse.workspace import Workspace

    made = Workspace.create(session.folder, tz, currency, week_start)
    if session.json:
        output.document("init", {"workspace": str(made.root), "tz": made.tz, "currency": made.currency, "week_start": made.week_start})
        return
    output.say(session, _("Made a workspace in {folder}. Next: tilth load FILE").format(folder=made.root))
