"""``tilth paths``: the twin of ``Events.paths``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions, recall, steps
from tilth.cli import source as sources
from tilth.cli.command import command as make
from tilth.cli.command import option
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "paths",
    help=N_("Show what people do one after the other: from, to or around an event.\n\nEvents are written like the steps of 'tilth funnel'."),
    examples=(
        "tilth paths --start sign_up --depth 3 --top 10 --demo\n"
        "tilth paths --end pay --sessions 30m --fold --demo\n"
        "tilth paths --around add_to_cart --depth 2 --csv paths.csv --file events.csv"
    ),
)
@option("--start", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("The event that a path begins with; default a person's first."))
@option("--end", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("The event that a path ends with; alone, the last moves before it."))
@option("--around", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("Instead, the moves before and after this event."))
@option("--depth", type=int, default=5, show_default=True, metavar=N_("NUMBER"), help=N_("Most moves that are told."))
@option("--sessions", metavar=N_("LENGTH"), help=N_("A pause that is longer, such as 30m, ends a path."))
@option("--fold", is_flag=True, help=N_("Take equal events in a row as one."))
@option("--top", type=int, metavar=N_("NUMBER"), help=N_("Call all but so many events, the most frequent, 'other'."))
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask paths and print them."""
    settings: dict[str, Any] = {name: steps.step(text) if (text := given.pop(name)) else None for name in ("start", "end", "around")}
    settings |= {name: given.pop(name) for name in ("depth", "sessions", "fold", "top")}
    result = sources.events(session, given).paths(**settings)
    output.answer(session, "paths", result, {"rows": output.records(result.frame)}, csv, html)
