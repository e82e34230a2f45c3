"""``tilth frequency``: the twin of ``Events.frequency``."""

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
    "frequency",
    help=N_("Count how many people did it once, twice, three times.\n\nEVENT is written like a step of 'tilth funnel'; without it any event counts."),
    examples=("tilth frequency pay --demo\ntilth frequency pay --period month --by channel --demo"),
)
@asking.frequency_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask frequency and print it."""
    result = asking.frequency(session, given)
    output.answer(session, "frequency", result, {"rows": output.rows(result)}, csv, html)
