"""The form of a mapping: one line for each column of the table, and back from what was filled in to plain data.

Nothing is refused here: what is filled in half is kept half, and the loader's own checks say what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from tilth.warehouse import schema
from tilth.warehouse.loading.mapping import DATE_KINDS, NUMBER_KINDS, kinds_for
from tilth.workbench.data import words

KINDS = {
    "text": _("Text"),
    "id": _("Id"),
    "line": _("A number for each row"),
    "number": _("Number (1,234.5)"),
    "number_comma": _("Number (1.234,5)"),
    "year": _("Year of a date"),
    "unix_s": _("Unix seconds"),
    "unix_ms": _("Unix milliseconds"),
    "unix_us": _("Unix microseconds"),
    "unix_ns": _("Unix nanoseconds"),
    "iso": _("Year-month-day (2025-11-03 20:15)"),
    "ymd": _("Year month day (2025/11/3, 20251103)"),
    "dmy": _("Day month year (03/11/2025)"),
    "mdy": _("Month day year (11/03/2025)"),
    "chinese": _("2025年11月3日"),
    "excel": _("Days as a spreadsheet counts them"),
}
"""How a column can be read."""
TOGETHER = {"times": _("multiplied by"), "plus": _("plus"), "clock": _("with the time of day in")}
"""What a second column can do."""
ARROW = "="


@dataclass(frozen=True)
class Line:
    """A column of the table in the form."""

    target: str
    label: str
    doc: str
    required: bool
    kinds: list[tuple[str, Any]]
    given: dict[str, Any]
    together: list[tuple[str, Any]]
    examples: tuple[str, ...] = ()
    problem: str = ""
    aside: int = 0
    numbers: bool = False

    @property
    def second(self) -> tuple[str, str]:
        """What the second column does, and which it is."""
        return next(((part, self.given[part]) for part in TOGETHER if self.given.get(part)), ("", ""))

    @property
    def values(self) -> str:
        """Translations of texts, one a line."""
        return "\n".join(f"{text} {ARROW} {code}" for text, code in self.given.get("values", {}).items())

    @property
    def filled(self) -> bool:
        """Whether anything is said about it."""
        return bool(self.given)

    @property
    def more(self) -> bool:
        """Whether something is said that stands below the line."""
        return bool(self.given.keys() - {"column", "kind"})


@dataclass
class Form:
    """The lines of a mapping: those that are filled or must be, and the others."""

    lines: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def form(
    plain: dict[str, Any], columns: tuple[str, ...], samples: Pairs[str, tuple[str, ...]], problems: Pairs[str, str], aside: Pairs[str, int]
) -> Form:
    """Return the form of a mapping.

    Parameters
    ----------
    plain : dict
        The mapping as plain data, perhaps unfinished.
    columns : tuple of str
        The file's columns.
    samples : mapping of str to texts
        Some values of each.
    problems : mapping of str to str
        What is wrong with columns of the table.
    aside : mapping of str to int
        Rows of the trial that are kept aside for each.
    """
    made = Form()
    fields, docs = plain.get("fields", {}), words.docs(plain["table"])
    for column in schema.TABLES[plain["table"]].columns:
        given = fields.get(column.name, {})
        kinds = kinds_for(column.type)
        line = Line(
            target=column.name,
            label=words.column(column.name),
            doc=docs[column.name],
            required=column.required,
            kinds=[(kind, KINDS[kind]) for kind in kinds],
            given=given,
            together=[(part, TOGETHER[part]) for part in _parts(column.type)],
            examples=samples.get(given.get("column", ""), ()),
            problem=problems.get(column.name, ""),
            aside=aside.get(column.name, 0),
            numbers="number" in kinds,
        )
        (made.lines if line.filled or line.required else made.others).append(line)
    used = {value for one in (*fields.values(), *plain.get("refund", {}).values()) for part, value in one.items() if part in ("column", *TOGETHER)}
    made.rest = [column for column in columns if column not in used]
    return made


def _parts(type: pa.DataType) -> tuple[str, ...]:
    if pa.types.is_timestamp(type):
        return ("clock",)
    return ("times", "plus") if "number" in kinds_for(type) else ()


def read(table: str, data: Any, before: dict[str, Any]) -> dict[str, Any]:
    """Return the mapping that a filled form describes, as plain data; what the form does not show is kept from `before`."""
    fields = {}
    for column in schema.TABLES[table].columns:
        if given := _field(column.name, data, kinds_for(column.type)):
            fields[column.name] = given
    plain: dict[str, Any] = {"table": table, "fields": fields, "rest": "drop" if data.get("rest") == "drop" else "properties"}
    if zone := data.get("tz", "").strip():
        plain["tz"] = zone
    if key := [name for name in data.getlist("key") if name]:
        plain["key"] = key
    if before.get("table") == table and before.get("refund") and data.get("refund"):
        plain["refund"] = before["refund"]
    return plain


def _field(target: str, data: Any, kinds: tuple[str, ...]) -> dict[str, Any]:
    column, kind = data.get(f"{target}.column", ""), data.get(f"{target}.kind", "")
    kind = kind if kind in kinds else kinds[0]
    given: dict[str, Any] = {"column": column} if column else {}
    if constant := data.get(f"{target}.constant", "").strip():
        given["constant"] = constant
    if kind == "line":
        return {"kind": "line"}
    if not given:
        return {}
    if kind != "text":
        given["kind"] = kind
    if column:
        given |= _further(target, data, kind)
    return given


def _further(target: str, data: Any, kind: str) -> dict[str, Any]:
    """Return what goes only with a column: a second one, the sign, texts to translate."""
    given: dict[str, Any] = {}
    part, second = data.get(f"{target}.together", ""), data.get(f"{target}.second", "")
    fits = {"times": NUMBER_KINDS[:2], "plus": NUMBER_KINDS[:2], "clock": DATE_KINDS}
    if second and kind in fits.get(part, ()):
        given[part] = second
    if data.get(f"{target}.negative") and kind in NUMBER_KINDS[:2]:
        given["negative"] = True
    if kind in ("text", "id"):
        pairs = (line.split(ARROW, 1) for line in data.get(f"{target}.values", "").splitlines() if ARROW in line)
        if translated := {text.strip(): code.strip() for text, code in pairs if text.strip()}:
            given["values"] = translated
    return given
