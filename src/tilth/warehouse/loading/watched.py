"""What is loaded again and again: a folder that files arrive in, or a query on a database whose rows grow by one column.

A source is plain data that can be kept as JSON. It holds no secret: the address of a database, which has a password, is given when it is read.

>>> source = FolderSource("youzan", "/exports/youzan", "*.csv", table="orders")
>>> source_from_json(source.to_json()) == source
True
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePath
from typing import Any, ClassVar

from tilth.errors import InputError, UnknownName
from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.loading.mapping import Mapping

SETTLED = 30  # seconds


class SourceError(InputError):
    """A watched source that cannot be used.

    Attributes
    ----------
    name : str
        The source.
    """

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"{name}: {problem}")


@dataclass(frozen=True)
class FolderSource:
    """A folder that files arrive in.

    Attributes
    ----------
    name : str
        What it is called.
    folder : str
        Its whole path.
    pattern : str
        Which files, such as ``*.csv`` or ``**/*.xlsx``; hidden ones never.
    table : str, optional
        The table; by default the mapping's, or proposed for each file.
    mapping : Mapping or str, optional
        How files are loaded; the name of a template; by default proposed for each file.
    settle : float
        Seconds for which a file must not have changed: one that is being written is left for later.
    """

    name: str
    folder: str
    pattern: str = "*"
    table: str | None = None
    mapping: Mapping | str | None = None
    settle: float = SETTLED
    kind: ClassVar[str] = "folder"

    def __post_init__(self) -> None:
        _check(self.name, self.table)
        if not Path(self.folder).is_absolute():
            raise SourceError(self.name, _("Write the whole path of its folder, not {folder}.").format(folder=repr(self.folder)))
        pattern = PurePath(self.pattern)
        if not self.pattern or pattern.is_absolute() or ".." in pattern.parts:
            raise SourceError(self.name, _("{pattern} is no pattern of files inside the folder.").format(pattern=repr(self.pattern)))
        if isinstance(self.settle, bool) or not isinstance(self.settle, int | float) or not 0 <= self.settle <= 86_400:
            raise SourceError(self.name, _("settle={settle}: give seconds, from 0 up to a day.").format(settle=repr(self.settle)))

    def to_json(self) -> str:
        """Return it as JSON text."""
        return _to_json(self)


@dataclass(frozen=True)
class DatabaseSource:
    """A table, view or query of a database whose new rows have higher values in one column.

    Attributes
    ----------
    name : str
        What it is called; how far it was loaded is remembered by it, so it should not change.
    what : str
        The name of a table or view, or a query (``SELECT …``).
    column : str
        The column by which rows grow: a number, a time or text that sorts like one. Rows without a value in it are never loaded.
    table : str, optional
        The table; by default the mapping's, or proposed.
    mapping : Mapping or str, optional
        How rows are loaded; the name of a template; by default proposed each time. With a key in it, rows that came late with the highest value that
        was loaded are found too.
    """

    name: str
    what: str
    column: str
    table: str | None = None
    mapping: Mapping | str | None = None
    kind: ClassVar[str] = "database"

    def __post_init__(self) -> None:
        _check(self.name, self.table)
        if not self.what.strip() or not self.column.strip():
            raise SourceError(self.name, _("It needs a table or a query, and the column by which its rows grow."))

    def to_json(self) -> str:
        """Return it as JSON text."""
        return _to_json(self)


Watched = FolderSource | DatabaseSource
KINDS: dict[str, type[FolderSource] | type[DatabaseSource]] = {FolderSource.kind: FolderSource, DatabaseSource.kind: DatabaseSource}


def source_from_json(text: str) -> Watched:
    """Return the source that JSON text describes.

    Raises
    ------
    InputError
        When it does not; the text says where.
    """
    try:
        plain = json.loads(text)
    except json.JSONDecodeError as fault:
        raise SourceError("?", _("This is not JSON: line {line}, column {column}.").format(line=fault.lineno, column=fault.colno)) from None
    if not isinstance(plain, dict) or plain.get("kind") not in KINDS:
        raise SourceError("?", _("A watched source is an object whose kind is one of: {kinds}.").format(kinds=", ".join(KINDS)))
    kind = KINDS[plain.pop("kind")]
    known = [field.name for field in fields(kind)]
    for name in plain:
        if name not in known:
            raise UnknownName(_("part of a source"), name, known)
    if isinstance(plain.get("mapping"), dict):
        plain["mapping"] = Mapping.from_dict(plain["mapping"])
    try:
        return kind(**plain)
    except (TypeError, AttributeError) as fault:
        raise SourceError(str(plain.get("name", "?")), _("A part of it is missing or of the wrong kind: {fault}.").format(fault=fault)) from fault


def _to_json(source: Watched) -> str:
    plain: dict[str, Any] = {"kind": source.kind}
    plain |= {name: value for name, value in asdict(source).items() if value is not None and name != "mapping"}
    if source.mapping is not None:
        plain["mapping"] = source.mapping.to_dict() if isinstance(source.mapping, Mapping) else source.mapping
    return json.dumps(plain, ensure_ascii=False)


def _check(name: str, table: str | None) -> None:
    if not name.strip():
        raise SourceError("?", _("It needs a name."))
    if table is not None and table not in schema.TABLES:
        raise UnknownName(_("table"), table, schema.TABLES)
