"""``tilth funnel``: the twin of ``Events.funnel``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions
from tilth.cli import source as sources
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "funnel",
    help=N_(
        "Count how many people go through steps one after the other.\n\n"
        "A step is an event's name: 'view|search' is any of two, 'pay[channel=douyin]' only those of a channel, 'first:pay' only a person's first, "
        "'add_to_cart?' may be left out, 'pay::Paid' gives it a label. A backslash takes a sign literally."
    ),
    examples=(
        "tilth funnel view_goods add_to_cart pay --within 7d --by channel --demo\n"
        "tilth funnel pv cart buy --within 3d --file taobao.csv --person column0 --time column4 --event column3\n"
        "tilth funnel view 'pay[value>=100]' --exclude refund --csv funnel.csv"
    ),
)
@questions.funnel_options
@sources.events_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask a funnel and print it."""
    result = questions.funnel(session, given)
    output.answer(session, "funnel", result, {"rows": output.rows(result)}, csv, html)
