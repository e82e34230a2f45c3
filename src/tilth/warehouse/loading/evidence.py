"""What the values of a column say about it: a time and of which kind, a figure, an id, a phone number, a word out of few."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tilth.warehouse.loading.names import ACTIONS
from tilth.warehouse.loading.sniff import Format
from tilth.warehouse.loading.values import BLANKS

ENOUGH = 0.8  # the share of a column's values that must be of one sort

_NUMBER = re.compile(r"^\(?[-+－]?[¥￥$€£]?[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(万|亿|元|%|[kKwW])*[-)]?$")
_COMMA = re.compile(r"^-?\d{1,3}(\.\d{3})*,\d+$")
_FRACTION = re.compile(r"\d\.\d*[1-9]\d*\)?$")
_YEAR_FIRST = re.compile(r"^(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})")
_COMPACT = re.compile(r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\s?\d{4}(\d{2})?)?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)")
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?(\s*[AaPp][Mm])?$")
_PHONE = re.compile(r"^(\+?86[- ]?)?1[3-9]\d{9}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.\w+$")
_ID = re.compile(r"^[\w.:@*-]{1,64}$")
_EPOCHS = {"unix_s": 10**9, "unix_ms": 10**12, "unix_us": 10**15, "unix_ns": 10**18}
_FROM, _TO = 0.63, 4.1  # of these: from 1989 to 2099


@dataclass(frozen=True)
class Evidence:
    """What a column's sample says.

    Attributes
    ----------
    column : str
        The column.
    filled : float
        Share of the values that are not empty.
    distinct : int
        Number of different values.
    time : str or None
        Kind of time that the values are.
    unsure : bool
        The day and the month cannot be told apart: no value says which comes first.
    number : str or None
        Kind of number that the values are.
    fraction, negative : bool
        Some numbers are not whole; some are below 0.
    clock, phone, email, id, action : bool
        Times of day; phone numbers; mail addresses; short codes; words for what people do.
    """

    column: str
    filled: float
    distinct: int
    time: str | None
    unsure: bool
    number: str | None
    fraction: bool
    negative: bool
    clock: bool
    phone: bool
    email: bool
    id: bool
    action: bool


def gather(format: Format) -> list[Evidence]:
    """Return the evidence of every column of a source."""
    found = []
    for at, column in enumerate(format.columns):
        texts = [text.strip() for row in format.sample if (text := row[at]) is not None]
        found.append(_column(column, [text for text in texts if text not in BLANKS], len(format.sample)))
    return found


def _column(column: str, values: Sequence[str], rows: int) -> Evidence:
    time, unsure = _time(values)
    number = "number_comma" if _most(_COMMA, values, 0.5) else "number" if _most(_NUMBER, values) and any(values) else None
    different = set(values)
    return Evidence(
        column=column,
        filled=len(values) / rows if rows else 0.0,
        distinct=len(different),
        time=time,
        unsure=unsure,
        number=number,
        fraction=any(_FRACTION.search(value) for value in values),
        negative=any(value.startswith("-") for value in values),
        clock=_most(_CLOCK, values),
        phone=_most(_PHONE, values),
        email=_most(_EMAIL, values),
        id=_most(_ID, values, 0.95),
        action=bool(different) and sum(value.casefold() in ACTIONS for value in different) * 2 >= len(different),
    )


def _enough(count: int, values: Sequence[str], share: float = ENOUGH) -> bool:
    """Whether `count` of the values make a sort; one bad value among three or more never hides what the others are."""
    return count >= min(share * len(values), len(values) - 1 if len(values) > 2 else len(values))


def _most(pattern: re.Pattern[str], values: Sequence[str], share: float = ENOUGH) -> bool:
    return bool(values) and _enough(sum(bool(pattern.match(value)) for value in values), values, share)


def _time(values: Sequence[str]) -> tuple[str | None, bool]:
    if not values:
        return None, False
    if _most(_COMPACT, values):
        return "ymd", False
    numbers = [float(value) for value in values if re.fullmatch(r"\d{9,19}(\.\d+)?", value)]
    if _enough(len(numbers), values):
        for kind, unit in _EPOCHS.items():
            if _enough(sum(_FROM * unit <= number <= _TO * unit for number in numbers), values):
                return kind, False
        return None, False
    marks = [match.group(2) for value in values if (match := _YEAR_FIRST.match(value))]
    if _enough(len(marks), values):
        return "chinese" if "年" in marks else "iso" if marks.count("-") * 2 >= len(marks) else "ymd", False
    return _day_or_month_first(values)


def _day_or_month_first(values: Sequence[str]) -> tuple[str | None, bool]:
    """Tell dmy from mdy by all the values together, never one by one."""
    dates = [(int(m[1]), int(m[2]), int(m[3])) for value in values if (m := _YEAR_LAST.match(value))]
    if not _enough(len(dates), values):
        return None, False
    day_first = sum(first > 12 >= second for first, second, _year in dates)
    month_first = sum(second > 12 >= first for first, second, _year in dates)
    if day_first or month_first:
        return "dmy" if day_first >= month_first else "mdy", bool(day_first and month_first)
    # Nothing tells: the order in which the days lie closer together is the likelier one.
    spans = {}
    for kind, order in (("dmy", (1, 0)), ("mdy", (0, 1))):
        days = [date(2000 + one[2] % 100, one[order[0]], min(one[order[1]], 28)).toordinal() for one in dates if one[order[0]] > 0 < one[order[1]]]
        spans[kind] = max(days) - min(days) if days else 0
    return min(spans, key=lambda kind: spans[kind]), True
