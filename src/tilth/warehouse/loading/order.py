"""What is to be loaded: the source and the mapping that a caller gave, made ready for the loader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse.loading import propose, reading, templates
from tilth.warehouse.loading.ingest import Progress
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.sheets import cell_text
from tilth.warehouse.loading.sniff import SAMPLE_ROWS, Format, sniff

Guard = dict[str, int]
"""Marks that must still have these numbers when a load is committed."""
Beside = dict[str, list[dict[str, Any]]]
"""Rows of records that count once a load is committed."""


@dataclass(frozen=True)
class Order:
    """A source, how its rows become the table's, and who is told about it.

    Attributes
    ----------
    source : str
        Its name in the history.
    reader : Reader
        What reads it.
    mapping : Mapping
        How its rows become the table's.
    path : Path or None
        The file, when it is one.
    guard, beside : dict
        What goes into the load's commit beside its rows; see :class:`tilth.warehouse.loading.load.Commit`.
    """

    source: str
    reader: reading.Reader
    mapping: Mapping
    path: Path | None = None
    progress: Callable[[Progress], object] | None = None
    cancel: Callable[[], bool] | None = None
    who: str | None = None
    guard: Guard = field(default_factory=dict)
    beside: Beside = field(default_factory=dict)


def taken(
    root: Path,
    source: Any,
    mapping: Mapping | str | None,
    table: str | None,
    name: str | None,
    form: Format | None,
    progress: Callable[[Progress], object] | None,
    cancel: Callable[[], bool] | None,
    who: str | None,
) -> Order:
    """Return the order for what :meth:`tilth.warehouse.workspace.Workspace.load` was given."""
    path = Path(source) if isinstance(source, str | Path) else None
    if path is not None:
        form = form or sniff(path)
        reader: reading.Reader = reading.reader_of(path, form)
        name = name or path.name
    else:
        batches = _batches(source)
        reader = reading.ArrowReader(batches)
        form = form or _form(batches, reader.columns)
        name = name or _("rows from memory")
    return Order(name, reader, _mapping(root, mapping, form, table), path, progress, cancel, who)


def _batches(source: Any) -> Any:
    if isinstance(source, pa.Table | pa.RecordBatchReader):
        return source
    if type(source).__module__.partition(".")[0] == "pandas":
        return pa.Table.from_pandas(source, preserve_index=False)
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source)
    kind = f"{type(source).__module__}.{type(source).__qualname__}"
    raise InputError(_("Rows cannot be loaded from a {kind}: give a file's path, a data frame, or Arrow batches.").format(kind=kind))


def _form(batches: Any, names: tuple[str, ...]) -> Format:
    """Return the form of rows in memory, with a sample where they can be read more than once."""
    if not isinstance(batches, pa.Table):
        return Format("database", names)
    rows = batches.slice(0, SAMPLE_ROWS).rename_columns(list(names)).to_pylist()
    sample = tuple(tuple(None if row[name] is None else cell_text(row[name]) for name in names) for row in rows)
    return Format("database", names, sample)


def _mapping(root: Path, given: Mapping | str | None, form: Format, table: str | None) -> Mapping:
    if isinstance(given, Mapping):
        return given
    if isinstance(given, str):
        template = templates.find(given, root)
        if table not in (None, template.mapping.table):
            problem = _("Template {template} fills {table}, not {given}.")
            raise InputError(problem.format(template=repr(given), table=template.mapping.table, given=table))
        return template.fitted(form)
    return propose.propose(form, table, templates.known(root)).mapping
