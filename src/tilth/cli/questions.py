"""The options of every question, and asking it: shared by the question's own command and by ``tilth people``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tilth.cli import recall, source, steps
from tilth.cli.command import Choice, argument, option
from tilth.cli.session import Session
from tilth.cli.source import stacked
from tilth.cli.split import split, split_options
from tilth.errors import InputError
from tilth.language import N_, _

if TYPE_CHECKING:
    from tilth.analysis.behaviour.funnel import Funnel
    from tilth.analysis.behaviour.retention import Retention
    from tilth.analysis.value.rfm import RFM

output_options = stacked(
    option(
        "--csv",
        type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
        metavar=N_("FILE"),
        help=N_("Write the rows as CSV; - is standard output."),
    ),
    option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar=N_("FILE"), help=N_("Write the answer as a page with its chart.")),
)

funnel_options = stacked(
    argument("given_steps", metavar=N_("STEP…"), nargs=-1, required=True, shell_complete=recall.steps),
    option(
        "--within",
        default="14d",
        show_default=True,
        metavar=N_("LENGTH"),
        help=N_("Longest time from the first step to the last: 30m, 24h, 14d, 2w; 'none' for no bound."),
    ),
    option(
        "--step-order",
        type=Choice(["ordered", "strict", "any"]),
        default="ordered",
        show_default=True,
        help=N_("In this order with others between, with nothing between, or in any order."),
    ),
    option(
        "--exclude",
        multiple=True,
        shell_complete=recall.steps,
        metavar=N_("STEP"),
        help=N_("Events that end a chain where they occur; 'refund@1-2' between two steps only."),
    ),
    split_options,
    option(
        "--by-touch",
        default="first",
        show_default=True,
        metavar=N_("WHICH"),
        help=N_("Whose value counts: the first or last of the chain that has one, all, or that of a step's number."),
    ),
    option("--sessions", metavar=N_("LENGTH"), help=N_("The chain lies within one session, which ends with a longer pause, such as 30m.")),
    option("--hold", multiple=True, shell_complete=recall.columns, metavar=N_("COLUMN"), help=N_("A column that must be equal along the chain.")),
    option(
        "--start-is",
        type=Choice(["every", "first"]),
        default="every",
        show_default=True,
        help=N_("Whether every event of step 1 may begin a chain, or only a person's first ever."),
    ),
)

retention_options = stacked(
    argument("start", metavar=N_("START"), required=True, shell_complete=recall.steps),
    argument("back", metavar=N_("[BACK]"), required=False, shell_complete=recall.steps),
    option("--period", type=Choice(["day", "week", "month"]), default="day", show_default=True, help=N_("What is one period.")),
    option("--periods", type=int, default=12, show_default=True, metavar=N_("NUMBER"), help=N_("How many periods after the cohort's own.")),
    option(
        "--kind",
        type=Choice(["on", "on_or_after", "bracket"]),
        default="on",
        show_default=True,
        help=N_("Back in exactly that period, in that one or later, or in any of a bracket."),
    ),
    option("--brackets", metavar=N_("FIRST-LAST,…"), help=N_("Periods that count together, such as 1-1,2-6,7-29; implies --kind bracket.")),
    option(
        "--start-is",
        type=Choice(["first", "recurring"]),
        default="first",
        show_default=True,
        help=N_("Whether a person has one cohort, by their first start ever, or one for every period with a start."),
    ),
    option("--until", metavar=N_("TIME"), help=N_("Until when the data are known; default the last event.")),
    option("--value", shell_complete=recall.columns, metavar=N_("COLUMN"), help=N_("Sum this column of what people came back for.")),
    split_options,
)

rfm_options = stacked(
    option("--at", metavar=N_("TIME"), help=N_("The moment it is asked for; later orders are not seen. Default the day after the last order.")),
    option("--bins", type=int, default=5, show_default=True, metavar=N_("NUMBER"), help=N_("Number of scores.")),
)


def funnel(session: Session, given: dict[str, Any]) -> Funnel:
    """Ask a funnel by the options of the command line; takes them out of `given`."""
    asked = [steps.step(text) for text in given.pop("given_steps")]
    within, touch = given.pop("within"), given.pop("by_touch")
    settings = {
        "within": None if within == "none" else within,
        "order": given.pop("step_order"),
        "exclude": tuple(steps.exclude(text) for text in given.pop("exclude")),
        "by_touch": int(touch) if touch.isdigit() else touch,
        "hold": list(given.pop("hold")) or None,
        "start_is": given.pop("start_is"),
        "sessions": given.pop("sessions"),
        **split(given),
    }
    return source.events(session, given).funnel(asked, **settings)


def retention(session: Session, given: dict[str, Any]) -> Retention:
    """Ask retention by the options of the command line; takes them out of `given`."""
    start, back = steps.step(given.pop("start")), given.pop("back")
    written = given.pop("brackets")
    settings = {
        "period": given.pop("period"),
        "periods": given.pop("periods"),
        "kind": "bracket" if written else given["kind"],
        "brackets": brackets(written) if written else None,
        "start_is": given.pop("start_is"),
        "until": given.pop("until"),
        "value": given.pop("value"),
        **split(given),
    }
    given.pop("kind")
    return source.events(session, given).retention(start, steps.step(back) if back else None, **settings)


def rfm(session: Session, given: dict[str, Any]) -> RFM:
    """Ask RFM by the options of the command line; takes them out of `given`."""
    at, bins = given.pop("at"), given.pop("bins")
    return source.orders(session, given).rfm(at, bins)


def brackets(text: str) -> list[tuple[int, int]]:
    """Return brackets written ``1-1,2-6``.

    Examples
    --------
    >>> brackets("1,2-6")
    [(1, 1), (2, 6)]
    """
    found = [re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part) for part in text.split(",")]
    if not all(found):
        raise InputError(_("{text} is not a list of brackets: write it like 1-1,2-6,7-29.").format(text=repr(text)))
    return [(int(one[1]), int(one[2] or one[1])) for one in found if one]
