"""``tilth stickiness``: the twin of ``Events.stickiness``."""

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
    "stickiness",
    help=N_(
        "Count in how many days of a week or a month people are active.\n\n"
        "EVENT is written like a step of 'tilth funnel'; without it any event counts as being active."
    ),
    examples=("tilth stickiness --demo\ntilth stickiness pay --period week --over month --by channel --demo"),
)
@asking.stickiness_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask stickiness and print it."""
    result = asking.stickiness(session, given)
    output.answer(session, "stickiness", result, {"rows": output.rows(result)}, csv, html)
