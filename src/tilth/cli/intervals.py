"""``tilth intervals``: the twin of ``Events.intervals``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import activity_questions as asking
from tilth.cli import output, questions
from tilth.cli import source as sources
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "intervals",
    help=N_(
        "Measure how long it takes from each event to the person's next of another kind, or of the same.\n\n"
        "FROM and TO are events, written like the steps of 'tilth funnel'; without TO, the time between one FROM and the next."
    ),
    examples=("tilth intervals sign_up pay --demo\ntilth intervals pay --buckets 7d,30d,90d --by channel --top 5 --demo"),
)
@asking.intervals_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask intervals and print it."""
    result = asking.intervals(session, given)
    output.answer(session, "intervals", result, {"rows": output.rows(result), "summary": output.rows(result, "summary")}, csv, html)
