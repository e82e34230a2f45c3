"""Backup and restore of a whole workspace: one archive of a consistent version of every table, with a digest of every file in it.

An archive is a zip file: ``manifest.json`` first, then ``workspace.toml`` and other files of the workspace, then each table's log up to the
version that was taken and the data files of that version. Facts are taken before records, and a load's records are written before its facts, so
no load can be in the archive without its history. Versions before the one that was taken cannot be read after a restore.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from tilth import __version__
from tilth.errors import InputError
from tilth.language import _
from tilth.warehouse import schema
from tilth.warehouse.delta import Delta
from tilth.warehouse.loading.ingest import Progress
from tilth.warehouse.workspace import Workspace

FORMAT = 1
MANIFEST = "manifest.json"
OWN = ("tables", "records", "running", "cache")  # folders that are taken in their own way, or not at all
LOG_FILE = re.compile(r"(\d{20})(\.\d+\.\d+)?\.(json|checkpoint\..*parquet|checkpoint\.parquet)")
PIECE = 1 << 20


class BackupError(InputError):
    """An archive that cannot be restored, or a place it cannot be restored to."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True)
class Backup:
    """What was packed or restored: the archive, the version of each table, files and bytes."""

    path: Path
    versions: dict[str, int]
    files: int
    bytes: int


def backup(workspace: Workspace, file: str | Path, progress: Callable[[Progress], object] | None = None) -> Backup:
    """Write an archive of a workspace while it is in use; an archive of that name is replaced once the new one is whole.

    Raises
    ------
    OSError
        When the archive cannot be written.
    """
    file = Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    tables = [*(workspace.table(name) for name in schema.TABLES), *(workspace.record(name) for name in schema.RECORDS)]
    versions: dict[str, int] = {}
    paths = list(_others(workspace.root))
    for table in tables:
        version, files = table.files()
        if version >= 0:
            versions[table.name] = version
            paths += [*_log(table, version), *(Path(one.path) for one in files)]
    total = sum(path.stat().st_size for path in paths)
    entries: dict[str, dict[str, Any]] = {}
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    done = 0
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            for path in paths:
                name = path.relative_to(workspace.root).as_posix()
                with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as out:
                    size, digest = _copied(source, out)
                entries[name] = {"bytes": size, "sha256": digest}
                done += size
                if progress is not None:
                    progress(Progress("packing", done, total, 0))
            manifest = {
                "format": FORMAT,
                "schema": workspace.version,
                "tilth": __version__,
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "versions": versions,
                "files": entries,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return Backup(file, versions, len(entries), done)


def restore(file: str | Path, root: str | Path, progress: Callable[[Progress], object] | None = None) -> Workspace:
    """Make a workspace of an archive, in a folder that is empty or not there yet; every file is checked before anything appears there.

    Raises
    ------
    BackupError
        When the archive is damaged or no archive of a workspace, or the folder is not empty.
    """
    file, root = Path(file), Path(root).absolute()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise BackupError(root, _("There is something here already. Restore into an empty or a new folder."))
    aside = root.with_name(f".{root.name}.restoring-{os.getpid()}")
    try:
        with _opened(file) as archive:
            _unpack(file, archive, _manifest(file, archive), aside, progress)
        if root.exists():
            root.rmdir()
        aside.rename(root)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Workspace.open(root)


def check(file: str | Path) -> dict[str, Any]:
    """Return an archive's manifest after checking every file in it.

    Raises
    ------
    BackupError
        When it is damaged.
    """
    file = Path(file)
    with _opened(file) as archive:
        manifest = _manifest(file, archive)
        _unpack(file, archive, manifest, None, None)
        return manifest


def _others(root: Path) -> Iterator[Path]:
    """Yield the workspace's files beside its tables."""
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and entry.name not in OWN:
            yield from sorted(path for path in entry.rglob("*") if path.is_file())
        elif entry.is_file() and not entry.name.startswith("."):
            yield entry


def _log(table: Delta, version: int) -> list[Path]:
    """Return the files of a table's log up to a version."""
    found = []
    for path in sorted((table.path / "_delta_log").iterdir()):
        match = LOG_FILE.fullmatch(path.name)
        if match and int(match[1]) <= version:
            found.append(path)
    return found


def _copied(source: IO[bytes], out: IO[bytes] | None) -> tuple[int, str]:
    """Copy a stream; return its size and SHA-256."""
    digest = hashlib.sha256()
    size = 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        if out is not None:
            out.write(piece)
    return size, digest.hexdigest()


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except FileNotFoundError:
        raise BackupError(file, _("There is no such file.")) from None
    except (zipfile.BadZipFile, OSError) as fault:
        raise BackupError(file, _("This is no whole archive; it may have been cut short. Fetch it again. ({fault})").format(fault=fault)) from fault


def _manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the archive's manifest when this version can restore it."""
    try:
        manifest = json.loads(archive.read(MANIFEST))
        number, entries = int(manifest["format"]), manifest["files"]
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as fault:
        raise BackupError(file, _("It has no manifest that can be read, so it is no backup of a workspace, or damaged.")) from fault
    if number > FORMAT or manifest.get("schema", 0) > schema.VERSION:
        raise BackupError(file, _("It was made by a newer Tilth ({version}). Upgrade Tilth.").format(version=manifest.get("tilth")))
    for name in entries:
        parts = PurePosixPath(name).parts
        if not parts or PurePosixPath(name).is_absolute() or ".." in parts or "\\" in name or ":" in name:
            raise BackupError(file, _("It names a file outside the workspace: {name}. Do not trust it.").format(name=repr(name)))
    return dict(manifest)


def _unpack(file: Path, archive: zipfile.ZipFile, manifest: dict[str, Any], root: Path | None, progress: Callable[[Progress], object] | None) -> None:
    """Check every file of the archive against the manifest, and write it below `root` if there is one."""
    total = sum(entry["bytes"] for entry in manifest["files"].values())
    done = 0
    for name, entry in manifest["files"].items():
        try:
            with archive.open(name) as source:
                if root is None:
                    size, digest = _copied(source, None)
                else:
                    (root / name).parent.mkdir(parents=True, exist_ok=True)
                    with (root / name).open("wb") as out:
                        size, digest = _copied(source, out)
        except KeyError:
            raise BackupError(file, _("{name} is missing in it. Use another backup.").format(name=name)) from None
        except (zipfile.BadZipFile, EOFError) as fault:
            raise BackupError(file, _("{name} in it is damaged. Use another backup.").format(name=name)) from fault
        if (size, digest) != (entry["bytes"], entry["sha256"]):
            raise BackupError(file, _("{name} in it is damaged. Use another backup.").format(name=name))
        done += size
        if progress is not None:
            progress(Progress("restoring", done, total, 0))
