"""``tilth touchpoints``: the twin of ``Events.touchpoints``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions
from tilth.cli import path_questions as asking
from tilth.cli import source as sources
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
@asking.touchpoints_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask touchpoints and print them."""
    result = asking.touchpoints(session, given)
    facts = {"rows": output.rows(result), "untouched": result.untouched, "cut": result.cut}
    output.answer(session, "touchpoints", result, facts, csv, html)
