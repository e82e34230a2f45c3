"""``tilth activation``: the twin of ``Events.activation``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions, recall, steps
from tilth.cli import source as sources
from tilth.cli.command import argument, option
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
@argument("retained", metavar=N_("[RETAINED]"), required=False, shell_complete=recall.steps)
@option("--start", shell_complete=recall.steps, metavar=N_("STEP"), help=N_("The event that a person starts with; default their first of all."))
@option(
    "--candidate",
    "candidates",
    multiple=True,
    shell_complete=recall.steps,
    metavar=N_("STEP"),
    help=N_("A behaviour to try; several times for several. Default every event there is."),
)
@option("--count", "counts", type=int, multiple=True, metavar=N_("NUMBER"), help=N_("How often at least; default 1, 2, 3 and 5."))
@option("--window", "windows", multiple=True, metavar=N_("LENGTH"), help=N_("Within so long from the start; default 1d and 7d."))
@option("--after", default="7d", show_default=True, metavar=N_("LENGTH"), help=N_("From when on after the start people are looked for."))
@option("--before", default="14d", show_default=True, metavar=N_("LENGTH"), help=N_("Until when after the start they are looked for."))
@option("--until", metavar=N_("TIME"), help=N_("Until when the data are known; default the last event."))
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask activation and print it."""
    retained, start = (steps.step(text) if text else None for text in (given.pop("retained"), given.pop("start")))
    settings = {name: values for name in ("counts", "windows") if (values := given.pop(name))}
    candidates = [steps.step(text) for text in given.pop("candidates")] or None
    between, until = (given.pop("after"), given.pop("before")), given.pop("until")
    result = sources.events(session, given).activation(retained, start, candidates, between=between, until=until, **settings)
    facts = {"rows": output.records(result.frame), "recommended": result.recommended, "started": result.started, "retained": result.stayed}
    output.answer(session, "activation", result, facts | {"recent": result.recent}, csv, html)
