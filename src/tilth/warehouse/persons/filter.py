"""Which people are meant: conditions on their profile, their figures and what they did, as plain data that a URL or a saved view can hold.

>>> given = PeopleFilter(where=(Where("city", "in", ("杭州", "上海")),), did=(Did("pay", times=2, days=30),))
>>> PeopleFilter.from_json(given.to_json()) == given
True
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from tilth.engine import clock
from tilth.engine.conditions import literal, quoted
from tilth.errors import InputError, UnknownColumn, UnknownName
from tilth.language import _
from tilth.warehouse import scan
from tilth.warehouse.persons.register import PROFILE

OPERATIONS = ("equals", "not", "contains", "in", "between", "empty", "filled")
NUMBERS = ("events", "orders", "spent")
TIMES = ("first_seen", "last_seen", "first_order", "last_order", "registered")
RANGES = (*NUMBERS, *TIMES)


class FilterError(InputError):
    """A filter of people that cannot be used."""


@dataclass(frozen=True)
class Where:
    """A condition on a property of the profile, a column or one from JSON.

    Attributes
    ----------
    name : str
        The property.
    op : str
        ``"equals"``, ``"not"`` (whoever has none included), ``"contains"``, ``"in"`` (value: a tuple), ``"between"`` (value: low and high, both
        included, None leaves a side open; as numbers when both are, as text otherwise), ``"empty"``, ``"filled"``.
    value : str or tuple, optional
        What it is compared with.
    """

    name: str
    op: Literal["equals", "not", "contains", "in", "between", "empty", "filled"]
    value: Any = None

    def __post_init__(self) -> None:
        if self.op not in OPERATIONS:
            raise UnknownName(_("comparison"), self.op, OPERATIONS)
        if isinstance(self.value, list):
            object.__setattr__(self, "value", tuple(self.value))
        if (self.op in ("in", "between")) != isinstance(self.value, tuple) or (self.op == "between" and len(self.value) != 2):
            raise FilterError(_("{name}: {op} cannot be compared with {value}.").format(name=self.name, op=self.op, value=repr(self.value)))
        if self.value is None and self.op not in ("empty", "filled"):
            raise FilterError(_("{name}: say what to compare it with.").format(name=self.name))

    def sql(self, expression: str) -> str:
        """Return the condition on an SQL expression of text."""
        if self.op == "empty":
            return f"coalesce({expression}, '') = ''"
        if self.op == "filled":
            return f"coalesce({expression}, '') <> ''"
        if self.op == "contains":
            return f"contains(lower({expression}), {literal(str(self.value).lower())})"
        if self.op == "in":
            return f"{expression} IN ({', '.join(literal(str(one)) for one in self.value)})" if self.value else "false"
        if self.op == "between":
            return self._between(expression)
        return f"{expression} IS {'NOT ' if self.op == 'equals' else ''}DISTINCT FROM {literal(str(self.value))}"

    def _between(self, expression: str) -> str:
        bounds = [(sign, one) for sign, one in zip((">=", "<="), self.value, strict=True) if one not in (None, "")]
        if all(_reads_as_number(one) for _sign, one in bounds):
            return " AND ".join(f"TRY_CAST({expression} AS DOUBLE) {sign} {_number(self.name, one)}" for sign, one in bounds) or "true"
        return " AND ".join(f"{expression} {sign} {literal(str(one))}" for sign, one in bounds)


@dataclass(frozen=True)
class Range:
    """A range of a figure, both ends included; None leaves a side open.

    Attributes
    ----------
    name : str
        One of :data:`RANGES`.
    low, high : number or str, optional
        For times a day (the whole day is meant) or a moment, in the workspace's time zone.
    """

    name: str
    low: Any = None
    high: Any = None

    def __post_init__(self) -> None:
        if self.name not in RANGES:
            raise UnknownName(_("figure"), self.name, RANGES)

    def sql(self, tz: Any) -> str:
        """Return the condition in SQL."""
        low, high = (None if one in (None, "") else one for one in (self.low, self.high))
        column, bounds = quoted(self.name), []
        if self.name in NUMBERS:
            bounds = [(sign, str(_number(self.name, one))) for sign, one in ((">=", low), ("<=", high)) if one is not None]
        else:
            column = f"epoch_us({column})"
            if low is not None:
                bounds.append((">=", str(clock.instant(low, tz))))
            if high is not None:
                end = clock.instant(high, tz, end=True)
                bounds.append(("<=" if end == clock.instant(high, tz) else "<", str(end)))  # of a day all of it
        return " AND ".join(f"{column} {sign} {bound}" for sign, bound in bounds) or "true"


@dataclass(frozen=True)
class Did:
    """What somebody did, or never did.

    Attributes
    ----------
    event : str or None
        The event; None: any.
    times : int
        At least so often.
    days : int, optional
        In the last so many days, today included; None: ever.
    never : bool
        Whoever did not.
    """

    event: str | None = None
    times: int = 1
    days: int | None = None
    never: bool = False

    def __post_init__(self) -> None:
        for name, value in (("times", self.times), ("days", self.days)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise FilterError(_("{name}={value}: give a whole number from 1.").format(name=name, value=repr(value)))

    def sql(self, events: str, today: date | None, tz: Any) -> str:
        """Return the condition in SQL, given SQL for the rows of events."""
        parts = [] if self.event is None else [f"event = {literal(self.event)}"]
        if today is not None:
            parts.append(f"time < {_moment(today + timedelta(days=1), tz)}")
            if self.days is not None:
                parts.append(f"time >= {_moment(today - timedelta(days=self.days - 1), tz)}")
        return f"""person {"NOT IN" if self.never else "IN"} (
            SELECT coalesce(link.person, did.person)
            FROM (SELECT person, count(*) AS times FROM {events} WHERE {" AND ".join(parts) or "true"} GROUP BY person) AS did
            LEFT JOIN link ON value = did.person AND NOT shared
            GROUP BY ALL HAVING sum(times) >= {self.times}
        )"""


@dataclass(frozen=True)
class PeopleFilter:
    """Conditions that must all hold.

    Attributes
    ----------
    search : str
        The beginning of the person's id, or of any id that is linked to them.
    where : tuple of Where
        Conditions on the profile.
    ranges : tuple of Range
        Conditions on figures.
    did : tuple of Did
        Conditions on behaviour.
    """

    search: str = ""
    where: tuple[Where, ...] = ()
    ranges: tuple[Range, ...] = ()
    did: tuple[Did, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.search or self.where or self.ranges or self.did)

    def to_json(self) -> str:
        """Return it as JSON text, without what is as by default."""
        plain: dict[str, Any] = {"search": self.search} if self.search else {}
        for name in PARTS:
            if given := getattr(self, name):
                plain[name] = [_short(one) for one in given]
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> PeopleFilter:
        """Return the filter that JSON text describes.

        Raises
        ------
        InputError
            When it does not; the text says where.
        """
        try:
            plain = json.loads(text)
        except json.JSONDecodeError as fault:
            raise FilterError(_("This is not JSON: line {line}, column {column}.").format(line=fault.lineno, column=fault.colno)) from None
        if not isinstance(plain, dict) or not isinstance(plain.get("search", ""), str):
            raise FilterError(_("A filter of people is an object with search, where, ranges and did."))
        for name in plain:
            if name not in ("search", *PARTS):
                raise UnknownName(_("part of a filter"), name, ("search", *PARTS))
            if name != "search" and not isinstance(plain[name], list):
                raise FilterError(_("{part} of a filter is a list.").format(part=name))
        parts: dict[str, Any] = {name: tuple(_part(kind, one) for one in plain.get(name, ())) for name, kind in PARTS.items()}
        return cls(search=plain.get("search", ""), **parts)

    def sql(self, events: str, names: tuple[str, ...], today: date | None, tz: Any) -> str:
        """Return the filter as one SQL condition on the register's ``person``.

        Parameters
        ----------
        events : str
            SQL for the rows of events.
        names : tuple of str
            The properties that people have from JSON.
        today : date or None
            The day up to which days are counted.
        tz : ZoneInfo
            The workspace's time zone.
        """
        return " AND ".join(f"({part})" for part in self._parts(events, names, today, tz)) or "true"

    def _parts(self, events: str, names: tuple[str, ...], today: date | None, tz: Any) -> Iterator[str]:
        if self.search.strip():
            start = literal(self.search.strip())
            yield f"starts_with(person, {start}) OR person IN (SELECT person FROM link WHERE starts_with(value, {start}))"
        yield from (one.sql(expression(one.name, names)) for one in self.where)
        yield from (one.sql(tz) for one in self.ranges)
        yield from (one.sql(events, today, tz) for one in self.did)


PARTS: dict[str, type] = {"where": Where, "ranges": Range, "did": Did}


def expression(name: str, names: tuple[str, ...]) -> str:
    """Return SQL for a property of the profile as text; UnknownColumn when there is none of that name."""
    if name in PROFILE:
        return f"CAST({quoted(name)} AS VARCHAR)"
    if name not in names:
        raise UnknownColumn(name, (*PROFILE, *names))
    return f"json_extract_string(properties, {literal(scan.pointer(name))})"


def _short(part: Any) -> dict[str, Any]:
    default = {field.name: field.default for field in fields(part)}
    return {name: value for name, value in asdict(part).items() if value != default[name]}


def _part(kind: type, plain: Any) -> Any:
    known = [field.name for field in fields(kind)]
    if not isinstance(plain, dict):
        raise FilterError(_("{part} is no object with {names}.").format(part=json.dumps(plain, ensure_ascii=False), names=", ".join(known)))
    for name in plain:
        if name not in known:
            raise UnknownName(_("part of a filter"), name, known)
    try:
        return kind(**plain)
    except TypeError as fault:
        raise FilterError(_("{part} lacks one of {names}.").format(part=json.dumps(plain, ensure_ascii=False), names=", ".join(known))) from fault


def _number(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise FilterError(_("{name}: {value} is no number.").format(name=name, value=repr(value)))
    return number


def _reads_as_number(value: Any) -> bool:
    try:
        _number("", value)
    except FilterError:
        return False
    return True


def _moment(day: date, tz: Any) -> str:
    return literal(clock.local(clock.instant(day, tz), tz))
