"""What is wrong with rows in quarantine: the name of a group of rows that have the same fault in the same column, and the reason of one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tilth.warehouse.loading.faults import reason
from tilth.workbench.data import words


def label(fault: str, column: str | None) -> str:
    """Return the name of a fault: `fault` and `column` as the quarantine records them."""
    texts = {
        "missing": _("{column}: missing"),
        "unreadable": _("{column}: cannot be read"),
        "range": _("{column}: outside 1900 to 2199"),
        "values": _("Another number of values than columns"),
        "surplus": _("Values beyond the columns"),
        "quote": _("A quote that does not close"),
        "encoding": _("Bytes that are not text"),
        "json": _("Not a JSON object"),
    }
    return texts.get(fault, fault).format(column=words.column(column or ""))


def told(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a row, columns called as people call them."""
    return reason({**fault, "column": words.column(fault["column"] or "")})
