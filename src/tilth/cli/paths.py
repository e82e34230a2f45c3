"""``tilth paths``: the twin of ``Events.paths``."""

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
    "paths",
    help=N_("Show what people do one after the other: from, to or around an event.\n\nEvents are written like the steps of 'tilth funnel'."),
    examples=(
        "tilth paths --start sign_up --depth 3 --top 10 --demo\n"
        "tilth paths --end pay --sessions 30m --fold --demo\n"
        "tilth paths --around add_to_cart --depth 2 --csv paths.csv --file events.csv\n"
        "tilth paths --sessions 30m --fold --clusters 4 --demo"
    ),
)
@asking.paths_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask paths, or clusters of similar ones, and print them."""
    from tilth.analysis.behaviour.path_clusters import PathClusters

    result = asking.paths(session, given)
    told_apart = {"silhouette": result.silhouette, "warning": result.warning() or None} if isinstance(result, PathClusters) else {}
    output.answer(session, "paths", result, {"rows": output.rows(result), **told_apart}, csv, html)
