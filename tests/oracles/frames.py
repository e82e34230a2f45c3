"""Compare an answer with what an oracle says: whole frames, row by row.

The oracles are second opinions: what the questions must answer, worked out again by brute force in plain Python. Nothing here knows how
Tilth computes. Each oracle follows the written rules sentence by sentence, enumerates where a kernel is clever, and may be slow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

UNSPECIFIED = "(the rules do not say what stands here)"


def plain(value: Any) -> Any:
    """Return `value` as plain Python holds it: every kind of null is None, whole floats are ints, times are local dates or datetimes."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "item") and not isinstance(value, pd.Timestamp):
        value = value.item()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if value.is_integer() else value
    if isinstance(value, Decimal):
        return plain(float(value))
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value


def row_key(row: Mapping[str, Any], keys: Sequence[str]) -> tuple[Any, ...]:
    """Return what to sort a row by: nulls first, then by type and value."""
    parts = []
    for key in keys:
        value = row[key]
        parts.append((value is not None, type(value).__name__, value if value is not None else 0))
    return tuple(parts)


def same(got: Any, expected: Any) -> bool:
    """Say whether two plain values are the same; floats to twelve digits."""
    if expected is UNSPECIFIED:
        return True
    if got is None or expected is None:
        return got is None and expected is None
    if isinstance(expected, date) and not isinstance(expected, datetime):
        return (got.date() if isinstance(got, datetime) else got) == expected
    if isinstance(got, bool) or isinstance(expected, bool):
        return isinstance(got, bool) and isinstance(expected, bool) and got == expected
    if isinstance(got, (int, float)) and isinstance(expected, (int, float)):
        return math.isclose(got, expected, rel_tol=1e-12, abs_tol=1e-12)
    return bool(got == expected)


def differences(frame: pd.DataFrame, expected: Iterable[Mapping[str, Any]], columns: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Compare an answer's frame with the expected rows, in whatever order its groups come.

    Parameters
    ----------
    frame : pandas.DataFrame
        The answer.
    expected : iterable of mapping
        The rows that must be there; ``UNSPECIFIED`` stands for a cell that no rule speaks of.
    columns : sequence of str
        The frame's columns, in order.
    keys : sequence of str
        Those that tell the rows apart.

    Returns
    -------
    list of str
        One line for each difference; empty when the frame is as expected.
    """
    if list(frame.columns) != list(columns):
        return [f"columns are {list(frame.columns)}, not {list(columns)}"]
    got = [{c: plain(v) for c, v in zip(columns, row, strict=True)} for row in frame.itertuples(index=False, name=None)]
    want = [{c: plain(row[c]) for c in columns} for row in expected]
    for row in got:
        for key in keys:  # a cohort may be told as the instant it begins; the rules know the local day
            if isinstance(row[key], datetime):
                row[key] = row[key].date()
    got.sort(key=lambda row: row_key(row, keys))
    want.sort(key=lambda row: row_key(row, keys))
    told = []
    if [row_key(r, keys) for r in got] != [row_key(r, keys) for r in want]:
        told.append(f"rows for {[tuple(r[k] for k in keys) for r in got]}, not {[tuple(r[k] for k in keys) for r in want]}")
        return told
    for g, w in zip(got, want, strict=True):
        wrong = [f"{c} is {g[c]!r}, not {w[c]!r}" for c in columns if not same(g[c], w[c])]
        if wrong:
            told.append(f"row {tuple(w[k] for k in keys)}: " + "; ".join(wrong))
    return told
