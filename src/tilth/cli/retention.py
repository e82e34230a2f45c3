"""``tilth retention``: the twin of ``Events.retention``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions
from tilth.cli import source as sources
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "retention",
    help=N_(
        "Count how many of those who started come back, period by period.\n\n"
        "START and BACK are events, written like the steps of 'tilth funnel'; without BACK any event counts as coming back."
    ),
    examples=(
        "tilth retention sign_up --period week --periods 8 --demo\n"
        "tilth retention pay pay --period month --by channel --demo\n"
        "tilth retention open --brackets 1-1,2-6,7-29 --file events.csv"
    ),
)
@questions.retention_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask retention and print it."""
    result = questions.retention(session, given)
    output.answer(session, "retention", result, {"rows": output.rows(result)}, csv, html)
