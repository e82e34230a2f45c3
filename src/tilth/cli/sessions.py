"""``tilth sessions``: the twin of ``Events.sessions``."""

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
    "sessions",
    help=N_(
        "Cut what people did into sessions, where they paused for too long.\n\n"
        "The table shows how long sessions are, or what those of each group are like; --csv writes every session."
    ),
    examples=(
        "tilth sessions --demo\n"
        "tilth sessions --by channel --top 5 --demo\n"
        "tilth sessions --timeout none --separator open_app --file events.csv --csv sessions.csv"
    ),
)
@asking.sessions_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask sessions and print it."""
    result = asking.sessions(session, given)
    output.answer(
        session,
        "sessions",
        result,
        {"sessions": int(result.summary["sessions"].sum()), "people": len(result.people()), "rows": output.rows(result, "summary")},
        csv,
        html,
    )
