"""``tilth activation``: the twin of ``Events.activation``."""

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
    "activation",
    help=N_(
        "Find which early behaviour goes along with being retained.\n\n"
        "RETAINED is the event that people have to do later; without it any counts. Events are written like the steps of 'tilth funnel'."
    ),
    examples=(
        "tilth activation pay --start sign_up --demo\n"
        "tilth activation --candidate 'view_goods' --candidate 'add_to_cart' --count 1 --count 3 --window 3d --after 7d --before 14d --demo"
    ),
)
@asking.activation_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask activation and print it."""
    result = asking.activation(session, given)
    facts = {"rows": output.rows(result), "recommended": result.recommended, "started": result.started, "retained": result.stayed}
    output.answer(session, "activation", result, facts | {"recent": result.recent}, csv, html)
