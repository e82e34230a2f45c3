"""Mended rows come back in a file: rows that were exported from the quarantine and put right there are loaded, each once.

One file can be loaded again and again while the mending goes on: what was accepted once is left out, what still does not fit stays in quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse.loading import mending, quarantine
from tilth.warehouse.loading.faults import told, worded
from tilth.warehouse.loading.load import Load
from tilth.warehouse.loading.reading import reader_of
from tilth.warehouse.loading.sniff import sniff

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace


class NotExportedError(InputError):
    """A file that was not made by exporting the quarantine."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path}: {problem} " + _("Mend a file that was exported from the quarantine, and leave its tilth_ columns as they are."))


@dataclass(frozen=True)
class Reload:
    """What loading a mended file did.

    Attributes
    ----------
    rows : int
        Rows in the file.
    accepted : int
        Rows that fit now and are in their table.
    repeated : int
        Rows that had been mended before, or stand in the file twice.
    faults : tuple of str
        What is still wrong with the others, in words.
    loads : tuple of Load
        The loads that brought the rows, one for each load that they had come with.
    """

    rows: int
    accepted: int
    repeated: int
    faults: tuple[str, ...]
    loads: tuple[Load, ...]


def run(workspace: Workspace, path: str | Path, who: str | None = None, shown: quarantine.Shown | None = None) -> Reload:
    """Load a mended file.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    path : str or Path
        The file.
    who : str, optional
        Who mends, for the history.
    shown : callable, optional
        How the rows were shown when they were exported: a cell that still says what was shown there keeps the value behind it.

    Raises
    ------
    NotExportedError
        When the file did not come from this workspace's quarantine.
    """
    path = Path(path)
    table = _read(path)
    known = {record.load: record for record in workspace.history.all()}
    loads: list[Load] = []
    faults: list[str] = []
    accepted = repeated = 0
    for load in dict.fromkeys(table.column(quarantine.LOAD).to_pylist()):
        if load not in known:
            raise NotExportedError(path, _("Load {load} is not one of this workspace's.").format(load=repr(load)))
        part = table.filter(pc.equal(table.column(quarantine.LOAD), load))
        try:
            numbers = _numbers(path, part)
            rows = part if shown is None else _behind(part, numbers, {one.row: one for one in quarantine.rows(workspace, load)}, shown)
            done = mending.bring(workspace, path.name, known[load], numbers, rows, who)
        except mending.NotInQuarantineError as fault:
            raise NotExportedError(path, str(fault)) from fault
        accepted += len(done.accepted)
        repeated += part.num_rows - len(done.accepted) - len(done.refused)
        faults += [told(row, refusal.reason) for row, refusal in done.refused.items()]
        if done.load is not None:
            loads.append(done.load)
    return Reload(table.num_rows, accepted, repeated, tuple(faults), tuple(loads))


def _read(path: Path) -> pa.Table:
    """Return the file's rows as text, with apostrophes before would-be formulas taken off."""
    form = sniff(path, header=True, skip=0)
    reader = reader_of(path, form)
    pieces = [reader.parse(piece) for piece in reader.pieces()]
    names = [quarantine.restored(name) for name in form.columns]
    for name in (quarantine.LOAD, quarantine.ROW):
        if name not in names:
            raise NotExportedError(path, _("It has no column {column}.").format(column=name))
    broken = [one for piece in pieces for one in piece.broken]
    if broken:
        raise NotExportedError(path, worded({"row": broken[0].offset + 1, "fault": broken[0].fault, "value": broken[0].value}) + ".")
    columns = {
        name: pa.array(
            [None if cell is None else quarantine.restored(cell) for piece in pieces for cell in piece.rows.column(place).to_pylist()], pa.string()
        )
        for place, name in enumerate(names)
    }
    return pa.table(columns)


def _behind(part: pa.Table, numbers: list[int], aside: dict[int, quarantine.Quarantined], shown: quarantine.Shown) -> pa.Table:
    """Return the rows with the values behind the cells that nobody changed."""
    rows = part.to_pylist()
    for number, cells in zip(numbers, rows, strict=True):
        if number in aside:
            seen = shown(aside[number]).values()
            cells.update({name: value for name, value in aside[number].values().items() if name in cells and cells[name] == seen[name]})
    return pa.Table.from_pylist(rows, schema=part.schema)


def _numbers(path: Path, part: pa.Table) -> list[int]:
    numbers = []
    for text in part.column(quarantine.ROW).to_pylist():
        if text is None or not text.strip().isdecimal():
            raise NotExportedError(path, _("{text} in column {column} is no row number.").format(text=repr(text), column=quarantine.ROW))
        numbers.append(int(text))
    return numbers
