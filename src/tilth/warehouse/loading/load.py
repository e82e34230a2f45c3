"""Loading: a source becomes rows of a table, all of it or nothing, and no file twice.

The order of acts makes it so. The load takes a slot of the table's ``seq`` that no other has; writes its files, which nobody sees; writes its
record and what it quarantined, which count for nothing yet; and then commits once, adding its files and setting the marks of the load and of the
file's digest. The commit is made against the version in which the absence of that digest was seen. Killed before it, a load leaves files that
belong to nothing, which vacuum takes away; there is no after.
"""

from __future__ import annotations

import getpass
import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tilth.errors import TilthError
from tilth.language import _
from tilth.warehouse.delta import ATTEMPTS, OvertakenError, StoreError, pause
from tilth.warehouse.loading import blocks, overlap
from tilth.warehouse.loading.fitting import Fitting
from tilth.warehouse.loading.history import FILE_MARK, LOAD_MARK, ROWS_MARK, STANDS, UNDO_MARK, LoadRecord
from tilth.warehouse.loading.ingest import Aside, Ingest, Outcome, Progress
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.order import Beside, Guard, Order

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

RUNNING = "running"  # the folder of a workspace where loads show that they are alive


@dataclass(frozen=True)
class Load:
    """What a load did.

    Attributes
    ----------
    id : str
        The load's id; of the earlier load when the file had been loaded before.
    table : str
        The table.
    source : str
        Name of the file, or of what else was read.
    digest : str or None
        SHA-256 of the file; None for what is no file.
    rows : int
        Rows read; 0 when the file was known at once by its digest.
    accepted : int
        Rows that fitted and are now in the table.
    quarantined : int
        Rows kept aside because they do not fit.
    repeated : int
        Rows that are in the table already because the same file was loaded before.
    skipped : int
        Rows left out because the table has rows with the same key.
    seconds : float
        How long it took.
    version : int
        The table's version after the load.
    already : bool
        Whether the same file had been loaded before, so that nothing was added.
    """

    id: str
    table: str
    source: str
    digest: str | None
    rows: int
    accepted: int
    quarantined: int
    repeated: int
    skipped: int
    seconds: float
    version: int
    already: bool = False


class RepeatedError(TilthError):
    """Another process loaded the same file while this load was at it."""

    def __init__(self, known: LoadRecord) -> None:
        self.known = known
        super().__init__(_("{file} was loaded before, as {load}.").format(file=known.source, load=known.load))


def run(workspace: Workspace, order: Order) -> Load:
    """Carry out a load.

    Raises
    ------
    CancelledError
        When it was cancelled.
    InputError
        When the mapping does not fit the source, or the source cannot be read.
    """
    began, started = time.monotonic(), datetime.now(UTC)
    table, columns = order.mapping.table, order.reader.columns
    order.mapping.check(columns)
    known = _known(workspace, order)
    if known is not None:
        return _repeated(workspace, order, known, 0, began)
    load = f"{started:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    fitting = Fitting(order.mapping, columns, workspace.tz, load, json_lines=order.reader.json_lines)
    key = fitting.key()
    workspace.table(table).made()  # before its first file is written: files without a table are what a lost log leaves
    with alive(workspace.root, load) as breathe:
        ingest = Ingest(
            order.reader,
            fitting,
            table=workspace.table(table).path,
            aside=Aside(workspace.record("quarantine").path, load, table),
            load=load,
            slot=workspace.record("loads").reserve(f"tilth.seq:{table}"),
            tz=workspace.tz,
            progress=lambda progress: (breathe(), order.progress(progress) if order.progress else None),
            cancel=order.cancel,
        )
        outcome = ingest.run()
        record = recorded(order.source, order.mapping, fitting, load, started, outcome)
        act = Commit(workspace, record, outcome, key, began, guard=order.guard, beside=order.beside)
        try:
            if order.progress is not None:
                order.progress(Progress("committing", order.reader.total, order.reader.total, outcome.rows))
            ingest.check_cancel()
            act.of_file(order.path, order.reader.digest(), order.who)
            return act.run()
        except RepeatedError as repeated:
            act.discard()
            return _repeated(workspace, order, repeated.known, outcome.rows, began)
        except BaseException:
            act.discard()
            raise


def recorded(source: str, mapping: Mapping, fitting: Fitting, load: str, started: datetime, outcome: Outcome) -> LoadRecord:
    """Return the record of a load as it is before its commit."""
    return LoadRecord(
        load=load,
        table=mapping.table,
        source=source,
        digest=None,
        bytes=None,
        time=started,
        seconds=0.0,
        who=None,
        rows=outcome.rows,
        accepted=outcome.accepted,
        quarantined=outcome.quarantined,
        skipped=0,
        mapping=mapping.to_json(),
        columns=json.dumps(fitting.columns, ensure_ascii=False),
        properties=json.dumps(fitting.properties, ensure_ascii=False),
    )


class GuardError(OvertakenError):
    """What the load was made from has changed: it is to be made again from what there is now."""


class Commit:
    """The one act that makes a load part of the table.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    record : LoadRecord
        The load's record, still without what comes out here.
    outcome : Outcome
        What the pass over the source gave.
    key : str or None
        SQL for a row's key, where the mapping declares one.
    began : float
        When the load began, by the monotonic clock.
    guard : dict of str to int, optional
        Marks that must still have these numbers when the commit is made; each goes up by one in it.
    beside : dict of str to list of dict, optional
        Rows of records that count when the commit has been made, without the column ``by``, which is the load.
    """

    def __init__(
        self,
        workspace: Workspace,
        record: LoadRecord,
        outcome: Outcome,
        key: str | None,
        began: float,
        *,
        guard: Guard | None = None,
        beside: Beside | None = None,
    ) -> None:
        self._guard, self._beside = guard or {}, dict(beside or {})
        self._workspace, self._outcome, self._key, self._began = workspace, outcome, key, began
        self._table = workspace.table(record.table)
        self._record = record
        self._files = outcome.files
        self._compared: int | None = None  # the rows mark that the files were last compared with
        self._undos: int | None = None  # and the number of undos there had been
        self._told = False

    def of_file(self, path: Path | None, digest: str | None, who: str | None) -> None:
        """Say which file the rows are of, if any, and who loads it."""
        size = path.stat().st_size if path else None
        self._record = replace(self._record, bytes=size, digest=digest, who=who or account())

    def run(self) -> Load:
        """Commit, looking again whenever another process came first."""
        for attempt in range(ATTEMPTS):
            try:
                version = self._try()
            except GuardError:
                raise
            except OvertakenError:
                pause(attempt)
                continue
            record = self._record
            return Load(
                id=record.load,
                table=record.table,
                source=record.source,
                digest=record.digest,
                rows=record.rows,
                accepted=record.accepted,
                quarantined=record.quarantined,
                repeated=0,
                skipped=record.skipped,
                seconds=time.monotonic() - self._began,
                version=version,
            )
        raise OvertakenError(self._table.name)

    def discard(self) -> None:
        """Remove the load's files, unless its commit was made after all (something may fail right after it)."""
        if self._table.mark(LOAD_MARK + self._record.load):
            return
        for file in self._files:
            (self._table.path / file.path).unlink(missing_ok=True)
        if self._outcome.quarantine is not None:
            (self._workspace.record("quarantine").path / self._outcome.quarantine.path).unlink(missing_ok=True)

    def _try(self) -> int:
        handle = self._table.made()
        if handle.transaction_version(LOAD_MARK + self._record.load):
            return int(handle.version())  # the commit was made, though the answer said otherwise
        marks = {LOAD_MARK + self._record.load: STANDS}
        if self._record.digest is not None:
            marks[FILE_MARK + self._record.digest] = 1
            if handle.transaction_version(FILE_MARK + self._record.digest):
                raise RepeatedError(self._workspace.history.of_digest(self._record.digest, self._table.name) or self._record)
        for guard, number in self._guard.items():
            if (handle.transaction_version(guard) or 0) != number:
                raise GuardError(self._table.name)
            marks[guard] = number + 1
        rows = handle.transaction_version(ROWS_MARK) or 0
        if self._key is not None and rows != self._compared:
            undos = handle.transaction_version(UNDO_MARK) or 0
            if self._undos not in (None, undos):  # rows were left out for the sake of some that may be gone
                raise GuardError(self._table.name)
            self._undos = undos
            self._files, repeated = overlap.without_known(self._table, handle, self._files, self._key)
            self._record = replace(self._record, skipped=self._record.skipped + repeated, accepted=self._record.accepted - repeated)
            self._compared, self._told = rows, False
        if not self._told:
            self._tell()
        for file in self._files:  # a table that names a file that is gone could not be read any more
            if not (self._table.path / file.path).exists():
                raise StoreError(self._table.name, self._table.path, FileNotFoundError(file.path))
        return self._table.commit(handle, self._files, {**marks, ROWS_MARK: rows + 1}, {"tilth.load": self._record.load})

    def _tell(self) -> None:
        """Write the record and the quarantined rows; they count when the commit has been made."""
        if self._outcome.quarantine is not None:
            self._workspace.record("quarantine").add([self._outcome.quarantine])
            self._outcome = replace(self._outcome, quarantine=None)
        while self._beside:
            name, rows = self._beside.popitem()
            record = self._workspace.record(name)
            record.append(pa.Table.from_pylist([{**row, "by": self._record.load} for row in rows], schema=record.arrow))
        self._workspace.history.write(replace(self._record, seconds=time.monotonic() - self._began))
        self._told = True


@contextmanager
def alive(root: Path, load: str) -> Iterator[Callable[[], None]]:
    """Keep a sign that the load is running; vacuum leaves its files alone while the sign is fresh. Yields what renews it."""
    sign = root / RUNNING / load
    sign.parent.mkdir(parents=True, exist_ok=True)
    sign.touch()
    try:
        yield sign.touch
    finally:
        sign.unlink(missing_ok=True)


def _known(workspace: Workspace, order: Order) -> LoadRecord | None:
    """Return the earlier load of the same file: one of the same size is worth a look at the digest before all is read."""
    if order.path is None:
        return None
    sizes = workspace.history.of_size(order.path.stat().st_size, order.mapping.table)
    if not sizes:
        return None
    digest = blocks.digest_of(order.path)
    return next((record for record in sizes if record.digest == digest), None)


def _repeated(workspace: Workspace, order: Order, known: LoadRecord, rows: int, began: float) -> Load:
    version = workspace.table(known.table).made().version()
    return Load(
        id=known.load,
        table=known.table,
        source=order.source,
        digest=known.digest,
        rows=rows,
        accepted=0,
        quarantined=0,
        repeated=known.accepted,
        skipped=0,
        seconds=time.monotonic() - began,
        version=version,
        already=True,
    )


def account() -> str | None:
    """Return the name of the account that runs this, for the history."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return None
