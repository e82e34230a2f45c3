"""A backup of the whole installation: the control database and the facts of every workspace in one archive, made while both are in use.

The database is taken first, the facts after it. What was promised in the database and came true in the facts in between is promised in the copy
still, and is done again there with the same key, which changes nothing. The other way round, the copy could call something done that its facts lack.

The archive holds ``control.sqlite3`` (also of an installation on PostgreSQL), ``workspaces/<address>.zip`` as :mod:`tilth.warehouse.backup` writes
them, pictures and documents, and the settings file. It does not hold the secrets: keep a copy of that folder elsewhere, since what is encrypted in
the database is opened with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.core.management import call_command
from django.db import connection

from tilth import __version__
from tilth.engine.home import home
from tilth.language import _
from tilth.warehouse import backup as facts
from tilth.warehouse.backup import BackupError
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.config import moving
from tilth.workbench.config.options import FILE

FORMAT = 1
MANIFEST = "installation.json"
CONTROL = "control.sqlite3"
PIECE = 1 << 20
Watch = Callable[[str], object]


@dataclass(frozen=True)
class Backup:
    """What was packed or restored: the archive, the rows of each table of the database, the addresses of the workspaces, bytes."""

    path: Path
    rows: dict[str, int]
    workspaces: tuple[str, ...]
    bytes: int


def backup(file: Path, watch: Watch = lambda _what: None) -> Backup:
    """Write an archive of the installation; one of that name is replaced once the new one is whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    entries: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".tilth-backup-") as place:
        control = Path(place, CONTROL)
        watch(CONTROL)
        _snapshot(control)
        rows = counted(control)
        folders = sorted(path.parent for path in (home() / "workspaces").glob("*/workspace.toml"))
        try:
            with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                entries[CONTROL] = _pack(archive, control, CONTROL)
                for folder in folders:
                    watch(folder.name)
                    packed = Path(place, f"{folder.name}.zip")
                    facts.backup(Facts.open(folder), packed)
                    entries[f"workspaces/{packed.name}"] = _pack(archive, packed, f"workspaces/{packed.name}")
                    packed.unlink()
                for path in _others():
                    name = path.relative_to(home()).as_posix()
                    entries[name] = _pack(archive, path, name)
                made = datetime.now(UTC).isoformat(timespec="seconds")
                told = {"format": FORMAT, "tilth": __version__, "made": made, "rows": rows, "files": entries}
                archive.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1))
            aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)
    return Backup(file, rows, tuple(folder.name for folder in folders), sum(one["bytes"] for one in entries.values()))


def restore(file: Path, watch: Watch = lambda _what: None) -> Backup:
    """Make an installation of an archive in a data folder that holds none; everything is checked before anything appears there.

    Raises
    ------
    BackupError
        When the archive is damaged, is none of an installation, or something is there already.
    """
    root = home()
    there = [
        name
        for name in ("tilth.sqlite3", "workspaces", "media")
        if (root / name).exists() and (not (root / name).is_dir() or any((root / name).iterdir()))
    ]
    if there:
        raise BackupError(
            root, _("There is an installation here already: {names}. Restore into an empty data folder.").format(names=", ".join(there))
        )
    with zipfile_of(file) as archive, tempfile.TemporaryDirectory(dir=root, prefix=".restoring-") as place:
        told = manifest(file, archive)
        for name, entry in told["files"].items():
            watch(name)
            _unpack(file, archive, name, entry, Path(place, name))
        rows = checked(file, told, Path(place, CONTROL))
        slugs = [PurePosixPath(name).stem for name in told["files"] if name.startswith("workspaces/")]
        for slug in slugs:
            watch(slug)
            packed = Path(place, "workspaces", f"{slug}.zip")
            facts.restore(packed, Path(place, "workspaces", slug))
            packed.unlink()
        for name in ("workspaces", "media", FILE):
            if Path(place, name).exists() and not (name == FILE and (root / name).exists()):
                if (root / name).is_dir():
                    (root / name).rmdir()
                Path(place, name).rename(root / name)
        if connection.vendor == "sqlite":
            connection.close()
            Path(place, CONTROL).rename(root / "tilth.sqlite3")
        else:
            _into_server(Path(place, CONTROL))
    return Backup(file, rows, tuple(slugs), sum(one["bytes"] for one in told["files"].values()))


def check(file: Path) -> dict[str, Any]:
    """Return an archive's manifest after checking every file in it; BackupError when it is damaged."""
    with zipfile_of(file) as archive, tempfile.TemporaryDirectory() as place:
        told = manifest(file, archive)
        for name, entry in told["files"].items():
            _unpack(file, archive, name, entry, Path(place, name))
            if name.startswith("workspaces/"):
                facts.check(Path(place, name))
        checked(file, told, Path(place, CONTROL))
        return told


def is_whole(file: Path) -> bool:
    """Whether a file is an archive of an installation rather than of one workspace."""
    with zipfile_of(file) as archive:
        return MANIFEST in archive.namelist()


def zipfile_of(file: Path) -> zipfile.ZipFile:
    """Return an archive, opened; BackupError when it is none."""
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as fault:
        raise BackupError(file, _("This is no whole archive; it may have been cut short. Fetch it again. ({fault})").format(fault=fault)) from fault


def manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return an archive's manifest when this version can restore it."""
    try:
        told = json.loads(archive.read(MANIFEST))
        number, names = int(told["format"]), list(told["files"])
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as fault:
        raise BackupError(file, _("It has no manifest that can be read, so it is no backup of an installation, or damaged.")) from fault
    if number > FORMAT:
        raise BackupError(file, _("It was made by a newer Tilth ({version}). Upgrade Tilth.").format(version=told.get("tilth")))
    for name in names:
        parts = PurePosixPath(name).parts
        known = name in (CONTROL, FILE) or parts[:1] in (("workspaces",), ("media",))
        if not known or ".." in parts or "\\" in name or ":" in name:
            raise BackupError(file, _("It names a file that does not belong there: {name}. Do not trust it.").format(name=repr(name)))
    return dict(told)


def counted(control: Path) -> dict[str, int]:
    """Return how many rows each table of a database file has."""
    with sqlite3.connect(control) as opened:
        names = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        counts = {name: opened.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names if "fts" not in name}  # noqa: S608
    opened.close()
    return counts


def checked(file: Path, told: dict[str, Any], control: Path) -> dict[str, int]:
    """Return the rows of the database in an archive; BackupError when it is not sound or not what was packed."""
    with sqlite3.connect(control) as opened:
        sound = opened.execute("PRAGMA integrity_check").fetchone()[0]
    opened.close()
    rows = counted(control)
    if sound != "ok" or rows != told["rows"]:
        raise BackupError(file, _("The database in it is not sound ({problem}). Use another backup.").format(problem=sound))
    return rows


def _snapshot(file: Path) -> None:
    """Write the control database as it is at one moment into a SQLite file."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        copy.close()
        return
    with tempfile.TemporaryDirectory(dir=file.parent) as place:
        moving.migrate(TILTH_HOME=place, TILTH_DATABASE_URL="")
        made = Path(place, "tilth.sqlite3")
        with moving.opened(made) as there:
            moving.carry("default", there)
            with moving.connections[there].cursor() as cursor:
                cursor.execute("PRAGMA journal_mode=DELETE")
        made.rename(file)


def _into_server(control: Path) -> None:
    """Carry a database file into the empty PostgreSQL database of the settings."""
    found = connection.introspection.table_names()
    if found:
        raise moving.NotEmpty(len(found))
    call_command("migrate", interactive=False, verbosity=0)
    with moving.opened(control) as here:
        moving.carry(here, "default")


def _others() -> Iterator[Path]:
    yield from (path for path in sorted((home() / "media").rglob("*")) if path.is_file())
    if (home() / FILE).exists():
        yield home() / FILE


def _pack(archive: zipfile.ZipFile, path: Path, name: str) -> dict[str, Any]:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as out:
        return _copied(source, out)


def _unpack(file: Path, archive: zipfile.ZipFile, name: str, entry: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(name) as source, path.open("wb") as out:
            found = _copied(source, out)
    except (KeyError, zipfile.BadZipFile, EOFError) as fault:
        raise BackupError(file, _("{name} in it is damaged. Use another backup.").format(name=name)) from fault
    if found != entry:
        raise BackupError(file, _("{name} in it is damaged. Use another backup.").format(name=name))


def _copied(source: IO[bytes], out: IO[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        out.write(piece)
    return {"bytes": size, "sha256": digest.hexdigest()}
