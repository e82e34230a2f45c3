"""The options by which a question is split, and taking them from the command line."""

from __future__ import annotations

from typing import Any

from tilth.cli import recall
from tilth.cli.command import option
from tilth.cli.source import stacked
from tilth.language import N_

split_options = stacked(
    option(
        "--by",
        multiple=True,
        shell_complete=recall.columns,
        metavar=N_("COLUMN"),
        help=N_("Split by a column's values; several split by all of them."),
    ),
    option("--top", type=int, metavar=N_("NUMBER"), help=N_("Keep so many groups and put the others together.")),
)


def split(given: dict[str, Any]) -> dict[str, Any]:
    """Return ``by`` and ``top`` as questions take them; takes them out of `given`."""
    return {"by": list(given.pop("by")) or None, "top": given.pop("top")}
