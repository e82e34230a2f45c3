"""``tilth touchpoints``: the twin of ``Events.touchpoints``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions, recall, steps
from tilth.cli import source as sources
from tilth.cli.command import argument, option
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "touchpoints",
    help=N_(
        "Show by which channels people came before they converted.\n\n"
        "CHANNEL is the column that says by which channel; CONVERSION is an event, written like the steps of 'tilth funnel'."
    ),
    examples=(
        "tilth touchpoints channel pay --value amount --fold --demo\n"
        "tilth touchpoints utm_source buy --lookback 7d --touch visit --csv paths.csv --file events.csv"
    ),
)
@argument("channel", metavar=N_("CHANNEL"), required=True, shell_complete=recall.columns)
@argument("conversion", metavar=N_("CONVERSION"), required=True, shell_complete=recall.steps)
@option("--value", shell_complete=recall.columns, metavar=N_("COLUMN"), help=N_("A column of numbers: what the conversion was worth."))
@option(
    "--lookback",
    default="30d",
    show_default=True,
    metavar=N_("LENGTH"),
    help=N_("Longest time from a touch to the conversion; 'none' for no bound."),
)
@option("--touch", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("Which events are touches; default all that have a channel."))
@option("--fold", is_flag=True, help=N_("Take touches of one channel in a row as one."))
@option("--longest", type=int, default=100, show_default=True, metavar=N_("NUMBER"), help=N_("Most touches of a path: the last ones."))
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask touchpoints and print them."""
    channel, conversion, touch = given.pop("channel"), steps.step(given.pop("conversion")), given.pop("touch")
    settings = {name: given.pop(name) for name in ("value", "lookback", "fold", "longest")}
    settings |= {"lookback": None if settings["lookback"] == "none" else settings["lookback"], "touch": steps.step(touch) if touch else None}
    result = sources.events(session, given).touchpoints(channel, conversion, **settings)
    facts = {"rows": output.records(result.frame), "untouched": result.untouched, "cut": result.cut}
    output.answer(session, "touchpoints", result, facts, csv, html)
