"""``tilth lifecycle``: the twin of ``Events.lifecycle``."""

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
    "lifecycle",
    help=N_(
        "Count who is new, returning, resurrecting or dormant, period by period.\n\n"
        "EVENT is written like a step of 'tilth funnel'; without it any event counts as being active."
    ),
    examples=("tilth lifecycle --period week --demo\ntilth lifecycle pay --period month --by channel --top 3 --demo"),
)
@asking.lifecycle_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask lifecycle and print it."""
    result = asking.lifecycle(session, given)
    output.answer(session, "lifecycle", result, {"rows": output.rows(result)}, csv, html)
