"""``tilth rfm``: the twin of ``Orders.rfm``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tilth.cli import output, questions
from tilth.cli import source as sources
from tilth.cli.command import command as make
from tilth.cli.session import Session
from tilth.language import N_


@make(
    "rfm",
    help=N_(
        "Score people by how recently, how often and for how much they buy, and name their segments.\n\n"
        "The table shows segments; --csv writes every person with their scores."
    ),
    examples=(
        "tilth rfm --demo\n"
        "tilth rfm --file online_retail.csv.gz --person CustomerID --time InvoiceDate --amount Total --order InvoiceNo --csv people.csv"
    ),
)
@questions.rfm_options
@sources.orders_options
@questions.output_options
def command(session: Session, csv: Path | None, html: Path | None, **given: Any) -> None:
    """Ask RFM and print its segments."""
    result = questions.rfm(session, given)
    facts = {"at": result.at, "people": len(result.frame), "segments": output.records(result.segments)}
    output.answer(session, "rfm", result, facts, csv, html)
