"""How figures are worded: thousands, one-decimal percentages, lengths of time in words, a dash for what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pandas as pd

from tilth.analysis.result import OTHER
from tilth.language import _

NOTHING = "—"
_MINUS = "\N{MINUS SIGN}"


def count(value: Any) -> str:
    """Return a number with thousands; whole numbers without decimals, others with two.

    Examples
    --------
    >>> count(12345), count(-1234.5), count(None), count(float("nan"))
    ('12,345', '−1,234.50', '—', '—')
    """
    if pd.isna(value):
        return NOTHING
    whole = float(value).is_integer()
    return (f"{int(value):,}" if whole else f"{float(value):,.2f}").replace("-", _MINUS)


def percent(share: Any, sign: bool = True) -> str:
    """Return a share as a percentage with one decimal, with or without its sign.

    Examples
    --------
    >>> percent(0.3104), percent(1.0, sign=False), percent(None)
    ('31.0%', '100.0', '—')
    """
    if pd.isna(share):
        return NOTHING
    return f"{float(share) * 100:.1f}{'%' if sign else ''}".replace("-", _MINUS)


def duration(seconds: Any) -> str:
    """Return a length of time in its two largest units.

    Examples
    --------
    >>> from tilth.language import using
    >>> with using("en"):
    ...     [duration(s) for s in (0, 2.26, 59.6, 750, 12_000, 84_700, 86_399, 100_800, 8_640_000)]
    ['0 s', '2.3 s', '1 min', '12 min 30 s', '3 h 20 min', '23 h 32 min', '1 d', '1 d 4 h', '100 d']
    """
    if pd.isna(seconds):
        return NOTHING
    units = ((86_400, _("{n} d")), (3_600, _("{n} h")), (60, _("{n} min")), (1, _("{n} s")))
    value = float(seconds)
    if 0 < value < 9.95:
        return units[3][1].format(n=f"{value:.1f}")
    k = next((k for k, (unit, _name) in enumerate(units) if value >= unit), 3)
    smaller = units[min(k + 1, 3)][0]
    rounded = round(value / smaller) * smaller
    if k and rounded >= units[k - 1][0]:  # rounding filled the next larger unit: 59.6 s are a minute
        k -= 1
    unit, name = units[k]
    shown = name.format(n=f"{rounded // unit:,}")
    rest = rounded % unit // smaller if unit > smaller else 0
    return f"{shown} {units[k + 1][1].format(n=rest)}" if rest else shown


def moment(time: Any) -> str:
    """Return a time to the minute, without the minute at midnight.

    Examples
    --------
    >>> moment(pd.Timestamp("2025-11-11 20:05", tz="Asia/Shanghai")), moment(pd.Timestamp("2025-11-11")), moment(pd.NaT)
    ('2025-11-11 20:05', '2025-11-11', '—')
    """
    if pd.isna(time):
        return NOTHING
    midnight = (time.hour, time.minute, time.second) == (0, 0, 0)
    return f"{time:%Y-%m-%d}" if midnight else f"{time:%Y-%m-%d %H:%M}"


_names: ContextVar[Mapping[str, str] | None] = ContextVar("tilth_names", default=None)


@contextmanager
def calling(names: Mapping[str, str]) -> Iterator[None]:
    """Call columns and their values by other names inside a ``with`` block.

    Examples
    --------
    >>> with calling({"douyin": "抖音"}):
    ...     value("douyin"), value("sms")
    ('抖音', 'sms')
    """
    token = _names.set(names)
    try:
        yield
    finally:
        _names.reset(token)


def name(code: str) -> str:
    """Return what a column or a value is called."""
    return _("others") if code == OTHER else (_names.get() or {}).get(code, code)


def value(given: Any) -> str:
    """Return a value of a column that a question was split by.

    Examples
    --------
    >>> value("抖音"), value(None), value(3)
    ('抖音', '—', '3')
    """
    return NOTHING if pd.isna(given) else name(str(given))
