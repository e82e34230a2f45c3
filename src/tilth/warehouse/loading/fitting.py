"""Which rows of a source fit a table, and why the others do not: the SQL that a mapping stands for.

Rows come as text columns. :meth:`Fitting.accepted` gives them typed as the table stores them, and says of each whether it fits; only for
those that do not does :meth:`Fitting.refused` ask again, and tells the first fault found in each.
"""

# ruff: noqa: S608  (every identifier and literal in the SQL is quoted)

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tilth.engine.conditions import literal, quoted
from tilth.language import _
from tilth.warehouse.loading import values
from tilth.warehouse.loading.blocks import UNREADABLE
from tilth.warehouse.loading.mapping import Field, Mapping, MappingError
from tilth.warehouse.loading.times import SPACE
from tilth.warehouse.loading.values import BLANKS
from tilth.warehouse.schema import TABLES, Column, Table

ROW = f"{UNREADABLE}row"  # the row's number, under a name that no source can have
LINE = f"{UNREADABLE}line"  # its text as a whole, where the source has such
FIT = f"{UNREADABLE}fit"
SOUND = f"{UNREADABLE}sound"  # whether a line is a JSON object
WHICH = f"{UNREADABLE}which"
REFUND = f"{UNREADABLE}refund "  # what a column's name begins with where it belongs to the refund's line
_BLANKS = pa.array(BLANKS, pa.string())
EARLIEST, LATEST = "1900-01-01 00:00:00+00", "2200-01-01 00:00:00+00"


@dataclass(frozen=True)
class Check:
    """One thing that a row must satisfy: SQL that is true where it fails, and the facts to report then."""

    fault: str
    fails: str
    column: str | None = None
    sources: tuple[str, ...] = ()


class Fitting:
    """A mapping made into SQL for one source.

    Parameters
    ----------
    mapping : Mapping
        How source columns become the table's.
    columns : iterable of str
        The source's columns.
    tz : str
        The workspace's time zone, for times without an offset where the mapping names none.
    load : str
        The load's id.
    json_lines : bool
        Whether the rows are lines of JSON rather than columns.
    """

    def __init__(self, mapping: Mapping, columns: Iterable[str], tz: str, load: str, *, json_lines: bool = False) -> None:
        self.mapping, self.columns, self.json_lines = mapping, tuple(columns), json_lines
        self.table: Table = TABLES[mapping.table]
        self._sources = frozenset(self.columns)
        self._tz = mapping.tz or tz
        self._line = f"concat({literal(load + '-')}, {quoted(ROW)})"

    @property
    def properties(self) -> tuple[str, ...]:
        """Return the source columns that become properties."""
        return self.mapping.rest_columns(self.columns)

    def apart(self, view: str) -> str:
        """Return SQL that takes lines of JSON apart into text columns, each line once."""
        line = quoted(LINE)
        paths = ", ".join(literal(_pointer(name)) for name in self.columns)
        names = ", ".join(f"parts[{place}] AS {quoted(name)}" for place, name in enumerate(self.columns, 1))
        sound = f"SELECT *, CASE WHEN json_valid({line}) THEN json_type({line}) = 'OBJECT' ELSE FALSE END AS sound FROM {view}"
        parts = f"SELECT *, CASE WHEN sound THEN json_extract_string({line}, [{paths}]) END AS parts FROM ({sound})"
        return f"SELECT {names}, {quoted(ROW)}, {line}, sound AS {quoted(SOUND)} FROM ({parts})"

    def tidy(self, rows: pa.Table) -> pa.Table:
        """Return the rows with every text trimmed, and null where a source writes that there is nothing.

        Arrow does this many times faster than SQL, and what follows may then take texts as they are.
        """
        for place, name in enumerate(rows.column_names):
            if name in self._sources:
                text = pc.utf8_trim(rows.column(name), SPACE)
                blank = pc.is_in(text, value_set=_BLANKS)
                rows = rows.set_column(place, name, pc.if_else(blank, None, text) if pc.any(blank).as_py() else text)
        return rows

    def accepted(self, view: str, *, marked: bool = False) -> str:
        """Return SQL for tidy rows: the table's columns, those of a refund's line, properties, row number, and whether the row fits."""
        targets = []
        for column in self.table.columns:
            known = column.name in self.mapping.fields
            targets.append(f"{_typed(column.name) if known else f'CAST(NULL AS {duck(column.type)})'} AS {quoted(column.name)}")
        targets += [f"{_typed(REFUND + name)} AS {quoted(REFUND + name)}" for name in self.mapping.refund]
        fails = " OR ".join(check.fails for check in self._checks(marked, brief=True)) or "FALSE"
        targets += [f"{self._kept()} AS properties", quoted(ROW), f"NOT ({fails}) AS {quoted(FIT)}"]
        return f"SELECT {', '.join(targets)} FROM ({self._read(view, tidy=True)})"

    def refused(self, view: str, *, marked: bool = False) -> str:
        """Return SQL for rows, as the source has them, that are known not to fit: row, fault, column, source, value, fields, line."""
        checks = self._checks(marked)
        first = " ".join(f"WHEN {check.fails} THEN {number}" for number, check in enumerate(checks))
        told = {
            "fault": [literal(check.fault) for check in checks],
            "column": [literal(check.column) if check.column else "NULL" for check in checks],
            "source": [literal(", ".join(check.sources)) if check.sources else "NULL" for check in checks],
            "value": [f"concat_ws(' | ', {', '.join(map(quoted, check.sources))})" if check.sources else "NULL" for check in checks],
        }
        facts = ", ".join(
            f"CASE {quoted(WHICH)} {' '.join(f'WHEN {number} THEN {sql}' for number, sql in enumerate(options))} END AS {quoted(UNREADABLE + name)}"
            for name, options in told.items()
        )
        return (
            f"SELECT {quoted(ROW)} AS row, {', '.join(f'{quoted(UNREADABLE + name)} AS {quoted(name)}' for name in told)},"
            f" {quoted(UNREADABLE + 'fields')} AS fields, {quoted(LINE) if self.json_lines else 'NULL'} AS line"
            f" FROM (SELECT *, {facts}, {self._fields()} AS {quoted(UNREADABLE + 'fields')}"
            f" FROM (SELECT *, CASE {first} END AS {quoted(WHICH)} FROM ({self._read(view)})))"
        )

    def key(self) -> str | None:
        """Return SQL for a row's key over the stored columns, or None when the mapping declares none."""
        if not self.mapping.key:
            return None
        parts = [self._stored(name) for name in self.mapping.key]
        return f"md5_number(to_json([{', '.join(parts)}]))"

    def _stored(self, source: str) -> str:
        for target, field in self.mapping.fields.items():
            if field.column == source and not (field.times or field.plus or field.clock):
                return f"CAST({quoted(target)} AS VARCHAR)"
        if source in self.properties:
            return f"json_extract_string(properties, {literal(_pointer(source))})"
        problem = _("The key column {column} is not kept: let it fill a column by itself, or keep the rest as properties.")
        raise MappingError(self.table.name, None, problem.format(column=repr(source)))

    def _read(self, view: str, *, tidy: bool = False) -> str:
        """Return SQL with the typed columns beside the source's."""
        typed = []
        for line, fields in (("", self.mapping.fields), (REFUND, self.mapping.refund)):
            for name, field in fields.items():
                plain = tidy and field.kind == "text" and field.column is not None and field.constant is None and not field.values
                sql = quoted(str(field.column)) if plain else values.sql(field, self.table.column(name).type, self._tz, self._line)
                typed.append(f"{sql} AS {_typed(line + name)}")
        return f"SELECT *, {', '.join(typed)} FROM {view}"

    def _checks(self, marked: bool, *, brief: bool = False) -> list[Check]:
        """Return what every row must satisfy, in the order that faults are told; `brief` leaves out what others imply."""
        checks = [Check("json", f"NOT {quoted(SOUND)}")] if self.json_lines else []
        if marked:
            texts = [quoted(LINE)] if self.json_lines else [quoted(name) for name in self.columns]
            found = " OR ".join(f"coalesce(contains({text}, {literal(UNREADABLE)}), FALSE)" for text in texts)
            checks.append(Check("encoding", f"({found})"))
        for column in self.table.columns:
            if column.name in self.mapping.fields:
                checks += self._column_checks(column, self.mapping.fields[column.name], brief)
        for name, field in self.mapping.refund.items():
            if field.kind not in ("text", "line"):
                checks.append(Check("unreadable", _unread(REFUND + name, field), name, field.sources))
        return checks

    def _column_checks(self, column: Column, field: Field, brief: bool) -> list[Check]:
        typed, source = _typed(column.name), field.sources
        checks = []
        if column.required and not brief:
            checks.append(Check("missing", f"({typed} IS NULL AND {values.empty(field)})", column.name, source))
        if column.required:
            checks.append(Check("unreadable" if field.column else "missing", f"{typed} IS NULL", column.name, source))
        elif field.column is not None and field.kind not in ("text", "line"):
            checks.append(Check("unreadable", _unread(column.name, field), column.name, source))
        if pa.types.is_timestamp(column.type):
            span = f"{typed} >= TIMESTAMPTZ '{EARLIEST}' AND {typed} < TIMESTAMPTZ '{LATEST}'"
            checks.append(Check("range", f"NOT coalesce({span}, TRUE)", column.name, source))
        return checks

    def _kept(self) -> str:
        """Return SQL for the properties: the other columns that are not empty, as JSON text; null when there are none."""
        if not self.properties:
            return "CAST(NULL AS VARCHAR)"
        if self.json_lines:
            used = {name: None for name in self.columns if name not in self.properties}
            others = f"nullif(CAST(json_merge_patch({quoted(LINE)}, {literal(json.dumps(used))}) AS VARCHAR), '{{}}')"
            return f"CASE WHEN {quoted(SOUND)} THEN {others} END"
        members = ", ".join(
            f"CASE WHEN {quoted(name)} <> '' THEN {literal(json.dumps(name, ensure_ascii=False) + ':')} || to_json({quoted(name)}) END"
            for name in self.properties
        )
        return f"nullif('{{' || concat_ws(',', {members}) || '}}', '{{}}')"

    def _fields(self) -> str:
        if self.json_lines:
            return f"CASE WHEN {quoted(SOUND)} THEN {quoted(LINE)} END"
        members = ", ".join(f"{literal(name)}, {quoted(name)}" for name in self.columns)
        return f"CAST(json_object({members}) AS VARCHAR)"


def _typed(name: str) -> str:
    return quoted(f"{UNREADABLE}is {name}")


def _unread(name: str, field: Field) -> str:
    """Return SQL that is true where a field has a text that could not be read; the text is looked at only where there is no value."""
    return f"CASE WHEN {_typed(name)} IS NULL THEN NOT {values.empty(field)} ELSE FALSE END"


def _pointer(name: str) -> str:
    """Return the JSON pointer of a member by its name."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def duck(type: pa.DataType) -> str:
    """Return DuckDB's name of a type of the schema.

    >>> import pyarrow as pa
    >>> duck(pa.decimal128(18, 4))
    'DECIMAL(18, 4)'
    """
    if pa.types.is_timestamp(type):
        return "TIMESTAMPTZ"
    if pa.types.is_decimal(type):
        return f"DECIMAL({type.precision}, {type.scale})"
    if pa.types.is_integer(type):
        return "BIGINT"
    return "DOUBLE" if pa.types.is_floating(type) else "VARCHAR"
