"""CSV files that a spreadsheet opens safely.

A text that begins like a formula is neutralised by an apostrophe before it, since whoever named an event or a person may not be a friend of
whoever opens the file. The file begins with a byte order mark, without which Excel reads Chinese as something else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def neutral(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    Examples
    --------
    >>> neutral("=HYPERLINK(1)"), neutral("上海"), neutral(-5)
    ("'=HYPERLINK(1)", '上海', -5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def write_csv(frame: pd.DataFrame, path: Path) -> str:
    """Write a frame and return where it went; ``-`` is standard output, without the mark."""
    safe = frame.copy(deep=False)
    for name in safe.columns:
        if safe[name].dtype == object or str(safe[name].dtype).startswith(("str", "category")):
            safe[name] = safe[name].map(neutral)
    safe.columns = [neutral(str(name)) for name in safe.columns]
    if str(path) == "-":
        safe.to_csv(sys.stdout, index=False, lineterminator="\n")
    else:
        safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return str(path)
