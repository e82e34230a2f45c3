"""Loading what is new in a watched source: each file and each row once, whoever else is at it, and no bad file in the way of a good one.

A file is known by its digest in the table that it goes to; of a database the highest value that was loaded is remembered in the commit that brought
it. What was undone is not taken again by itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse.delta import ATTEMPTS, OvertakenError
from tilth.warehouse.loading import blocks, database, load, order, templates, watermarks
from tilth.warehouse.loading.ingest import CancelledError, Progress
from tilth.warehouse.loading.load import GuardError, Load
from tilth.warehouse.loading.mapping import Mapping
from tilth.warehouse.loading.watched import DatabaseSource, FolderSource, SourceError, Watched, source_from_json

if TYPE_CHECKING:
    from tilth.warehouse.workspace import Workspace

__all__ = ["DatabaseSource", "Done", "Due", "FolderSource", "SourceError", "due", "run", "source_from_json"]

LOCKS = ("~$", ".")  # how the names of files begin that a program keeps beside those it has open


@dataclass(frozen=True)
class Due:
    """What is to be loaded.

    Attributes
    ----------
    name : str
        The file's path within the folder, or the source's name.
    path : Path or None
        The file.
    bytes : int or None
        Its size.
    rows : int or None
        How many rows, of a database.
    after, upto : str or None
        The values between which they lie, as they are shown; `after` is None the first time.
    """

    name: str
    path: Path | None = None
    bytes: int | None = None
    rows: int | None = None
    after: str | None = None
    upto: str | None = None


@dataclass(frozen=True)
class Done:
    """What became of it.

    Attributes
    ----------
    due : Due
        What was to be loaded.
    load : Load or None
        The load; its ``already`` says that somebody else had just loaded the same.
    error : Exception or None
        Why it could not be loaded; nothing of it was then.
    """

    due: Due
    load: Load | None = None
    error: Exception | None = None

    @property
    def problem(self) -> str | None:
        """Why it could not be loaded, in words."""
        return None if self.error is None else str(self.error)


class GrowingError(InputError):
    """A file that changed while it was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(_("{path} changed while it was read; it is left for the next time.").format(path=path))


def due(workspace: Workspace, source: Watched, *, url: str | None = None, again: bool = False) -> list[Due]:
    """Return what is new in a source.

    Parameters
    ----------
    workspace : Workspace
        Where it is loaded.
    source : FolderSource or DatabaseSource
        The source.
    url : str, optional
        A database's address, with its password.
    again : bool
        Whether what was loaded and undone is new.

    Raises
    ------
    SourceError
        When there is no such folder, or no address was given for a database.
    InputError
        When the database cannot be read.
    """
    if isinstance(source, FolderSource):
        return list(_new_files(workspace, source, again=again))
    found = _new_stretch(workspace, source, url, again=again)
    return [] if found is None else [found[0]]


def run(
    workspace: Workspace,
    source: Watched,
    *,
    url: str | None = None,
    again: bool = False,
    progress: Callable[[Progress], object] | None = None,
    cancel: Callable[[], bool] | None = None,
    who: str | None = None,
) -> list[Done]:
    """Load what is new in a source, one thing after the other; `progress`, `cancel` and `who` as for a load, the rest as for :func:`due`.

    Raises
    ------
    SourceError
        When there is no such folder.
    CancelledError
        When it was cancelled; what was loaded whole stays.
    """
    act = _Act(workspace, progress, cancel, who)
    if isinstance(source, DatabaseSource):
        return act.stretch(source, url, again=again)
    return [act.file(source, one) for one in due(workspace, source, again=again)]


@dataclass(frozen=True)
class _Act:
    workspace: Workspace
    progress: Callable[[Progress], object] | None
    cancel: Callable[[], bool] | None
    who: str | None

    def file(self, source: FolderSource, one: Due) -> Done:
        assert one.path is not None
        seen = _state(one.path)
        growing = False

        def stop() -> bool:
            nonlocal growing
            if self.cancel is not None and self.cancel():
                return True
            growing = _state(one.path) != seen
            return growing

        try:
            if stop():
                raise CancelledError
            done = self.workspace.load(one.path, source.mapping, source.table, progress=self.progress, cancel=stop, who=self.who)
        except CancelledError:
            if not growing:
                raise
            return Done(one, error=GrowingError(one.path))
        except Exception as error:  # whatever is wrong with one file, the others are loaded
            return Done(one, error=error)
        return Done(one, done)

    def stretch(self, source: DatabaseSource, url: str | None, *, again: bool) -> list[Done]:
        one = Due(source.name)
        for _attempt in range(ATTEMPTS):
            try:
                found = _new_stretch(self.workspace, source, url, again=again)
                if found is None:
                    return []
                one, stretch, mark = found
                return [Done(one, self._rows(source, url or "", stretch, mark))]
            except GuardError:
                continue  # somebody else has just loaded it: see what is left
            except InputError as error:
                return [Done(one, error=error)]
        raise OvertakenError(source.name)

    def _rows(self, source: DatabaseSource, url: str, stretch: database.Stretch, mark: watermarks.Watermark) -> Load:
        top = replace(stretch, after=stretch.upto, inclusive=True)
        _highest, ties, _same = database.extent(url, source.what, top)  # before the rows are read: one that comes between is seen the next time
        form, rows = database.read(url, source.what, order_by=source.column, stretch=stretch)
        given = order.taken(self.workspace.root, rows, source.mapping, source.table, source.name, form, self.progress, self.cancel, self.who)
        guard, beside = mark.moved(given.mapping.table, stretch.upto, ties)
        return load.run(self.workspace, replace(given, guard=guard, beside=beside))


def _new_stretch(
    workspace: Workspace, source: DatabaseSource, url: str | None, *, again: bool
) -> tuple[Due, database.Stretch, watermarks.Watermark] | None:
    """Return the rows of a database that lie above what was loaded, if any."""
    if url is None:
        raise SourceError(source.name, _("Give the address of its database."))
    mark = watermarks.of(workspace, source, again=again)
    stretch = database.Stretch(source.column, mark.value, inclusive=bool(_key(workspace, source.mapping)))
    highest, rows, ties = database.extent(url, source.what, stretch)
    if highest is None or (highest == mark.value and ties <= mark.ties):
        return None
    stretch = replace(stretch, upto=highest)
    shown = None if mark.value is None else str(mark.value)
    return Due(source.name, rows=rows, after=shown, upto=str(highest)), stretch, mark


def _key(workspace: Workspace, mapping: Mapping | str | None) -> tuple[str, ...]:
    """Return the key by which rows are known again."""
    if isinstance(mapping, str):
        mapping = templates.find(mapping, workspace.root).mapping
    return () if mapping is None else mapping.key


def _new_files(workspace: Workspace, source: FolderSource, *, again: bool) -> Iterator[Due]:
    """Yield the files of a folder that are not loaded and have settled, in the order of their names."""
    folder = Path(source.folder)
    if not folder.is_dir():
        raise SourceError(source.name, _("There is no folder {folder}.").format(folder=folder))
    table = source.table or (source.mapping.table if isinstance(source.mapping, Mapping) else None)
    records = workspace.history.all() + ([] if again else workspace.history.undone())
    known: dict[int | None, set[str | None]] = {}
    for record in records:
        if table in (None, record.table):
            known.setdefault(record.bytes, set()).add(record.digest)
    digests = _Digests(workspace.root, source)
    for path in sorted(folder.glob(source.pattern)):
        inside = path.relative_to(folder)
        if any(part.startswith(LOCKS) for part in inside.parts) or not path.is_file():
            continue
        size, changed = path.stat().st_size, _changed(path)
        if not size or abs(time.time() - changed) < source.settle:
            continue
        if size in known and digests.of(path) in known[size]:
            continue
        yield Due(inside.as_posix(), path, size)
    digests.keep()


def _changed(path: Path) -> float:
    """Return when a file last changed; where the system knows, the moment that no program can set back."""
    stat = path.stat()
    return stat.st_mtime if os.name == "nt" else stat.st_ctime


def _state(path: Path | None) -> tuple[int, int] | None:
    try:
        stat = path.stat() if path is not None else None
    except OSError:  # taken away
        return None
    return None if stat is None else (stat.st_size, stat.st_mtime_ns)


class _Digests:
    """The digests of files that were looked at before: a folder of old exports is not read through every time."""

    def __init__(self, root: Path, source: FolderSource) -> None:
        self._file = root / "cache" / "watch" / f"{hashlib.sha256(source.to_json().encode()).hexdigest()[:16]}.json"
        try:
            self._known: dict[str, list[object]] = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._seen: dict[str, list[object]] = {}

    def of(self, path: Path) -> str:
        """Return a file's digest."""
        stat = path.stat()
        state = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
        known = self._known.get(str(path), [])
        digest = str(known[-1]) if known[:-1] == state else blocks.digest_of(path)
        self._seen[str(path)] = [*state, digest]
        return digest

    def keep(self) -> None:
        """Remember them for the next time."""
        if self._seen != self._known:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            aside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            aside.write_text(json.dumps(self._seen), "utf-8")
            aside.replace(self._file)
