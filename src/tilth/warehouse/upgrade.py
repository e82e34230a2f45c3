"""Workspaces written by older versions of Tilth: the steps that bring their tables to today's schema.

Each version of :mod:`tilth.warehouse.schema` has one step, which may be run again when it was interrupted: the workspace's settings say the new
version only once its step is done.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deltalake import Schema

from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.delta import COLUMNS_MARK, Delta
from tilth.warehouse.loading.ingest import Progress
from tilth.warehouse.workspace import Workspace, WorkspaceError, read_settings, write_settings

Step = Callable[[Path], None]
STEPS: dict[int, Step] = {}  # by the version that the step leads to; version 1 is the first that was ever released


def upgrade(root: str | Path, progress: Callable[[Progress], object] | None = None) -> list[int]:
    """Bring a workspace to today's format and return the versions it went through; none when it is up to date. Make a backup first.

    Raises
    ------
    WorkspaceError
        When it is no workspace, was written by a newer Tilth, or there is no way from its version.
    """
    root = Path(root)
    settings = read_settings(root)
    stored = settings["version"]
    if stored > schema.VERSION:
        Workspace.open(root)  # says so
    ahead = range(stored + 1, schema.VERSION + 1)
    missing = [version for version in ahead if version not in STEPS]
    if missing:
        problem = _("There is no way from format {stored} to {missing}. Upgrade with the Tilth release that came between, then with this one.")
        raise WorkspaceError(root, problem.format(stored=stored, missing=missing[0]))
    for version in ahead:
        STEPS[version](root)
        settings["version"] = version
        write_settings(root, settings)
        if progress is not None:
            progress(Progress("upgrading", version, schema.VERSION, 0))
    return list(ahead)


def add_columns(table: Delta) -> list[str]:
    """Add the columns that a stored table lacks, empty in the rows it has; return their names. The step for most changes of the schema.

    Raises
    ------
    ValueError
        When a missing column must not be empty: rows that are there need a value first.
    """
    handle = table.open()
    if handle is None:
        return []
    known = {field.name for field in handle.schema().fields}
    missing = [field for field in table.arrow if field.name not in known]
    for field in missing:
        if not field.nullable:
            raise ValueError(f"{table.name}.{field.name} must not be empty, so a step has to fill it")
    if missing:
        import pyarrow as pa

        handle.alter.add_columns(list(Schema.from_arrow(pa.schema(missing)).fields))
        table.reserve(COLUMNS_MARK)
    return [field.name for field in missing]
