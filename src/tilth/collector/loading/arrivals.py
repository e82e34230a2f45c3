"""What waits in the logs of a workspace's collectors.

A place in a log is one number that grows: the number of its file, and below it (:data:`BITS`) where a frame ends in there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tilth.collector.frames import MAGIC, frames
from tilth.collector.log import BEING_WRITTEN, FINISHED, FOLDER
from tilth.collector.requests import Request

BITS = 32


@dataclass(frozen=True)
class Arrival:
    """A request in a log."""

    instance: str
    place: int
    request: Request


def instances(root: Path) -> list[str]:
    """Return the names of the collectors that ever wrote for a workspace."""
    home = root / FOLDER
    return sorted(entry.name for entry in home.iterdir() if entry.is_dir()) if home.exists() else []


def waiting(root: Path, after: Mapping[str, int], most: int, until: Mapping[str, int] | None = None) -> list[Arrival]:
    """Return what follows the places `after`, by instance, up to about `most` bytes; with `until`, all up to these places and no more."""
    found: list[Arrival] = []
    read = 0
    for instance in instances(root):
        for number, file in _files(root / FOLDER / instance):
            done = after.get(instance, 0)
            if number < done >> BITS or (until is not None and number > until.get(instance, 0) >> BITS):
                continue
            begin = max(done & ((1 << BITS) - 1) if number == done >> BITS else 0, len(MAGIC))
            data = _data(file, begin)
            read += len(data)
            found += [Arrival(instance, (number << BITS) + begin + end, Request.unpacked(payload)) for end, payload in frames(data)]
            if read > most and until is None:
                return found
    return found if until is None else [one for one in found if one.place <= until.get(one.instance, 0)]


def remove(root: Path, loaded: Mapping[str, int]) -> None:
    """Remove the finished files that hold nothing after the places that are `loaded`, by instance."""
    for instance, place in loaded.items():
        for number, file in _files(root / FOLDER / instance):
            if file.suffix == FINISHED and (number < place >> BITS or (number == place >> BITS and _whole(file, place & ((1 << BITS) - 1)))):
                file.unlink(missing_ok=True)


def bytes_waiting(root: Path, after: Mapping[str, int]) -> int:
    """Return how many bytes follow the places `after`."""
    total = 0
    for instance in instances(root):
        done = after.get(instance, 0)
        for number, file in _files(root / FOLDER / instance):
            if number >= done >> BITS:
                begin = done & ((1 << BITS) - 1) if number == done >> BITS else len(MAGIC)
                total += max(0, _size(file) - begin)
    return total


def _files(folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield files by their numbers. The folder is read twice: one that is finished, and so renamed, while it is read may be missing once."""
    files = [file for _time in range(2) for file in folder.iterdir() if file.suffix in (BEING_WRITTEN, FINISHED)] if folder.exists() else []
    yield from sorted({int(file.stem): file for file in files}.items())


def _data(file: Path, begin: int) -> bytes:
    """Return a file from `begin` on; it may be finished, and so renamed, this moment."""
    for path in (file, file.with_suffix(FINISHED)):
        try:
            with path.open("rb") as handle:
                handle.seek(begin)
                return handle.read()
        except FileNotFoundError:
            continue
    return b""


def _whole(file: Path, offset: int) -> bool:
    """Whether nothing that could be read follows `offset`."""
    return not any(frames(_data(file, max(offset, len(MAGIC)))))


def _size(file: Path) -> int:
    for path in (file, file.with_suffix(FINISHED)):
        try:
            return path.stat().st_size
        except FileNotFoundError:
            continue
    return 0
