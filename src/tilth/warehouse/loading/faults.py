"""What can be wrong with a row, in words: the reasons that the quarantine gives.

>>> from tilth.language import using
>>> with using("en"):
...     print(worded({"row": 7, "fault": "unreadable", "column": "time", "source": "ts", "value": "soon"}))
row 7: 'soon' in ts cannot be read as time
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tilth.language import _

SHOWN = 80  # characters of a value


def reason(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a quarantined row, from its fault, column, source and value."""
    value = str(fault.get("value") or "")
    texts = {
        "missing": _("{column} is required and {source} is empty"),
        "unreadable": _("'{value}' in {source} cannot be read as {column}"),
        "range": _("'{value}' in {source} gives a time before 1900 or after 2199; is it in seconds or milliseconds?"),
        "values": _("it has {found} values, not {expected}"),
        "surplus": _("it still has values beyond its columns: '{value}'"),
        "quote": _("a quote opens in it and does not close"),
        "encoding": _("it holds bytes that are not text in the file's encoding"),
        "json": _("it is no JSON object"),
    }
    found, _slash, expected = value.partition("/")
    return texts[str(fault["fault"])].format(
        column=fault.get("column"),
        source=fault.get("source") or _("the mapping"),
        value=repr(value if len(value) <= SHOWN else value[:SHOWN] + "…")[1:-1],  # signs that nobody sees are spelled out
        found=found,
        expected=expected,
    )


def worded(fault: Mapping[str, Any]) -> str:
    """Return the row's number and what is wrong with it."""
    return told(fault["row"], reason(fault))


def told(row: int, reason: str) -> str:
    """Return a row's number and what is wrong with it, in words."""
    return _("row {row}: {reason}").format(row=row, reason=reason)
