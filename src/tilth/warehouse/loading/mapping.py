"""Which column of a source goes to which column of a table, and how its text is read.

A :class:`Mapping` is plain data: it goes to JSON and back, is shown for review, saved as a template and used again. It has no free
expressions. What real exports need beyond one column each has a name of its own in :class:`Field`: an amount that is quantity
``times`` price, a sum of two columns (``plus``), a date and its ``clock`` in two columns, words to translate (``values``), a constant,
a refund that is printed as a positive figure (``negative``). A row that holds a sale and its refund gives two lines through
:attr:`Mapping.refund`.

>>> mapping = Mapping("events", {
...     "person": Field("user", "id"),
...     "time": Field("ts", "unix_s"),
...     "event": Field("behaviour", values={"pv": "view"}),
... })
>>> Mapping.from_json(mapping.to_json()) == mapping
True
>>> mapping.rest_columns(("user", "ts", "behaviour", "page"))
('page',)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tilth.errors import InputError, UnknownColumn, UnknownName
from tilth.language import _
from tilth.warehouse import schema

VERSION = 1

TEXT_KINDS = ("text", "id", "line")
NUMBER_KINDS = ("number", "number_comma", "year")
UNIX_KINDS = ("unix_s", "unix_ms", "unix_us", "unix_ns")
DATE_KINDS = ("iso", "ymd", "dmy", "mdy", "chinese")
TIME_KINDS = (*UNIX_KINDS, *DATE_KINDS, "excel")
KINDS = (*TEXT_KINDS, *NUMBER_KINDS, *TIME_KINDS)


class MappingError(InputError):
    """A mapping cannot be used as it is.

    Attributes
    ----------
    table : str
        The table it is for.
    target : str or None
        The table's column at fault; None when it is the mapping as a whole.
    """

    def __init__(self, table: str, target: str | None, problem: str) -> None:
        self.table = table
        self.target = target
        where = _("Mapping for {table}").format(table=table) if target is None else f"{table}.{target}"
        super().__init__(f"{where}: {problem}")


@dataclass(frozen=True)
class Field:
    """Where one column of a table comes from.

    Attributes
    ----------
    column : str or None
        Column of the source; None when the value is constant, or for kind ``"line"``.
    kind : str
        How the text is read. Texts: ``text``; ``id`` (a text without what spreadsheets do to ids); ``line`` (each row gets an id of its
        own). Numbers: ``number``, ``number_comma`` (the comma is the decimal mark), ``year`` (the year of a date). Times: ``unix_s``,
        ``unix_ms``, ``unix_us``, ``unix_ns``, ``iso``, ``ymd``, ``dmy``, ``mdy``, ``chinese``, ``excel`` (days since 1899-12-30).
    constant : str or None
        Value of every row, or of the rows whose `column` is empty when there is one; written as the table stores it or as `kind` reads it.
    times : str or None
        A second column to multiply by (price for quantity).
    plus : str or None
        A second column to add; an empty one counts as 0.
    clock : str or None
        The column with the time of day when `column` holds the date alone.
    negative : bool
        The figure lowers the total whichever sign it is printed with: it is stored as a negative number.
    values : dict
        Texts of the source and what to store for them; other texts stay as they are.
    """

    column: str | None = None
    kind: str = "text"
    constant: str | None = None
    times: str | None = None
    plus: str | None = None
    clock: str | None = None
    negative: bool = False
    values: dict[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the source columns it reads, each once."""
        return tuple(dict.fromkeys(c for c in (self.column, self.times, self.plus, self.clock) if c is not None))

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults, ready for JSON or TOML."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in given.items() if value not in (None, False, {}) and (name, value) != ("kind", "text")}


NOTHING = Field(kind="number", constant="")  # leaves a column of numbers empty


@dataclass(frozen=True)
class Mapping:
    """How the rows of a source become lines of a table.

    Attributes
    ----------
    table : str
        A table of :data:`tilth.warehouse.schema.TABLES`.
    fields : dict of str to Field
        The table's columns and where each comes from.
    rest : str
        ``"properties"`` keeps the other source columns as properties, ``"drop"`` leaves them out.
    key : tuple of str
        Source columns that tell a row apart from all others in overlapping exports; empty when rows have no such columns.
    tz : str or None
        Time zone of times without an offset; None: the workspace's.
    refund : dict of str to Field
        For orders whose rows hold a sale and what was refunded of it: the columns of the refund's line that differ from the sale's. A row
        gives that second line when its refund amount is there and not 0. The line has no quantity and price but those given here, because
        the row's are the sale's.

    Raises
    ------
    UnknownName, UnknownColumn, MappingError
        When it does not fit the table.
    """

    table: str
    fields: dict[str, Field]
    rest: str = "properties"
    key: tuple[str, ...] = ()
    tz: str | None = None
    refund: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", tuple(self.key))
        if self.refund:
            of_the_sale = {target: NOTHING for target in ("quantity", "price") if target in self.fields}
            object.__setattr__(self, "refund", {**of_the_sale, **self.refund})
        if self.table not in schema.TABLES:
            raise UnknownName(_("table"), self.table, schema.TABLES)
        table = schema.TABLES[self.table]
        known = [column.name for column in table.columns]
        for line in self.lines:
            for target, one in line.items():
                if target not in known:
                    raise UnknownColumn(target, known)
                _check_field(self.table, target, one, table.column(target).type)
        for column in table.columns:
            if column.required and column.name not in self.fields:
                raise MappingError(self.table, column.name, _("This column is required; say which column of the source it comes from."))
        self._check_whole()

    def _check_whole(self) -> None:
        if self.rest not in ("properties", "drop"):
            raise MappingError(self.table, None, _("rest is {rest}; it can be 'properties' or 'drop'.").format(rest=repr(self.rest)))
        if self.refund and (self.table != "orders" or "amount" not in self.refund):
            raise MappingError(self.table, None, _("Only orders have a refund, and its amount must be among its columns."))
        if self.tz is not None:
            try:
                ZoneInfo(self.tz)
            except (ValueError, OSError, LookupError):
                problem = _("There is no time zone {tz}; write it like Asia/Shanghai.").format(tz=repr(self.tz))
                raise MappingError(self.table, None, problem) from None

    @property
    def lines(self) -> tuple[dict[str, Field], ...]:
        """Return the columns of each line that a row can give: the row's own, then its refund's if there is one."""
        return (self.fields, {**self.fields, **self.refund}) if self.refund else (self.fields,)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the source columns that the fields read, each once."""
        return tuple(dict.fromkeys(c for line in self.lines for one in line.values() for c in one.sources))

    def rest_columns(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return those of a source's `columns` that become properties."""
        used = set(self.sources)
        return tuple(c for c in columns if c not in used) if self.rest == "properties" else ()

    def check(self, columns: Iterable[str]) -> None:
        """Raise :class:`~tilth.errors.UnknownColumn` for the first source column in use that is not among `columns`."""
        columns = tuple(columns)
        for name in (*self.sources, *self.key):
            if name not in columns:
                raise UnknownColumn(name, columns)

    def with_fields(self, **changed: Field | None) -> Mapping:
        """Return the mapping with some fields changed; None takes a field away."""
        merged = {**self.fields, **changed}
        return replace(self, fields={target: one for target, one in merged.items() if one is not None})

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, without what is as by default."""
        plain: dict[str, Any] = {"version": VERSION, "table": self.table, "rest": self.rest}
        if self.tz is not None:
            plain["tz"] = self.tz
        if self.key:
            plain["key"] = list(self.key)
        plain["fields"] = {target: one.to_dict() for target, one in self.fields.items()}
        if self.refund:
            plain["refund"] = {target: one.to_dict() for target, one in self.refund.items()}
        return plain

    def to_json(self) -> str:
        """Return it as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Mapping:
        """Return the mapping that plain data describes.

        Raises
        ------
        MappingError
            When a part is missing, unknown or of another form, or was written by a newer version.
        """
        table = str(plain.get("table", "?"))
        try:
            version = int(plain.get("version", VERSION))
        except (TypeError, ValueError):
            raise MappingError(table, None, _("Its version is not a number.")) from None
        if version > VERSION:
            problem = _("It was written by a newer version of Tilth ({version}); this one reads up to {known}. Upgrade Tilth.")
            raise MappingError(table, None, problem.format(version=version, known=VERSION))
        known = ("version", "table", "fields", "rest", "key", "tz", "refund")
        for name in plain:
            if name not in known:
                raise UnknownName(_("part of a mapping"), name, known)
        if "table" not in plain or not isinstance(plain.get("fields"), dict) or not isinstance(plain.get("refund", {}), dict):
            raise MappingError(table, None, _("A mapping needs a table and its fields."))
        return cls(
            table=table,
            fields=_fields_from(table, plain["fields"]),
            rest=plain.get("rest", "properties"),
            key=tuple(plain.get("key", ())),
            tz=plain.get("tz"),
            refund=_fields_from(table, plain.get("refund", {})),
        )

    @classmethod
    def from_json(cls, text: str) -> Mapping:
        """Return the mapping that JSON text describes; MappingError when it does not."""
        try:
            plain = json.loads(text)
        except json.JSONDecodeError as error:
            problem = _("This is not JSON: line {line}, column {column}.").format(line=error.lineno, column=error.colno)
            raise MappingError("?", None, problem) from None
        if not isinstance(plain, dict):
            raise MappingError("?", None, _("A mapping needs a table and its fields."))
        return cls.from_dict(plain)


def _fields_from(table: str, plain: dict[str, Any]) -> dict[str, Field]:
    known = [f.name for f in fields(Field)]
    read = {}
    for target, parts in plain.items():
        if not isinstance(parts, dict):
            raise MappingError(table, target, _("Write it as a table of parts, such as column and kind."))
        for name in parts:
            if name not in known:
                raise UnknownName(_("part of a field"), name, known)
        read[target] = Field(**parts)
    return read


def _check_field(table: str, target: str, one: Field, type_: pa.DataType) -> None:
    kinds = kinds_for(type_)
    if one.kind not in KINDS:
        raise UnknownName(_("kind of reading"), one.kind, kinds)
    if one.kind not in kinds:
        problem = _("Kind {kind} does not give what this column holds; it can be {kinds}.")
        raise MappingError(table, target, problem.format(kind=repr(one.kind), kinds=", ".join(kinds)))
    if one.kind != "line" and one.column is None and one.constant is None:
        raise MappingError(table, target, _("Give the column of the source or a constant."))
    for part, allowed in (
        ("times", ("number", "number_comma")),
        ("plus", ("number", "number_comma")),
        ("negative", ("number", "number_comma")),
        ("clock", DATE_KINDS),
        ("values", ("text", "id")),
    ):
        if getattr(one, part) and (one.kind not in allowed or one.column is None):
            problem = _("{part} goes only with a column of kind {kinds}.").format(part=part, kinds=", ".join(allowed))
            raise MappingError(table, target, problem)
    if one.times and one.plus:
        raise MappingError(table, target, _("Either times or plus, not both."))


def kinds_for(type_: pa.DataType) -> tuple[str, ...]:
    """Return the kinds of reading that give values of an Arrow type of the schema.

    >>> kinds_for(schema.MONEY)
    ('number', 'number_comma')
    """
    if pa.types.is_timestamp(type_):
        return TIME_KINDS
    if pa.types.is_decimal(type_):
        return NUMBER_KINDS[:2]
    if pa.types.is_integer(type_):
        return NUMBER_KINDS
    return TEXT_KINDS
