"""The last items that arrived for a workspace, for people who watch: what the loader took in, and what still waits in the logs.

The loader keeps the last :data:`MOST` beside the logs, in ``incoming/recent.jsonl``: a first line with the places up to which it has loaded, then an
item a line, the newest last. The file is written aside and renamed, only its owner can read it, and nothing in it is masked.
"""

from __future__ import annotations

import json
import logging
import os
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from tilth.collector import clock
from tilth.collector.calls import Call, Fault, Unreadable
from tilth.collector.frames import MAGIC, MARK, frames
from tilth.collector.loading.arrivals import BITS, Arrival, instances
from tilth.collector.log import BEING_WRITTEN, FINISHED, FOLDER
from tilth.collector.requests import Request

FILE = "recent.jsonl"
MOST = 500
TAIL = 1 << 20  # bytes of the end of a log that are looked at
LARGEST = 4096  # characters of what an item holds that are kept

State = Literal["loaded", "repeated", "refused", "waiting"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Item:
    """An item of a request.

    Attributes
    ----------
    name : str
        What it is known by among those of its workspace.
    state : str
        ``loaded``, ``repeated`` (it had come before), ``refused`` (it is in the quarantine) or ``waiting``.
    received : int
        When it arrived, in microseconds since 1970.
    key : str
        The id of its write key.
    format, endpoint : str
        How and where to it was sent.
    kind, event : str
        What the call is, and the event's name; empty for what could not be read.
    ids : list of [kind, value]
    time : str
        The time that counts for it, in ISO 8601.
    mark : str
        What had to be noted about its time: ``clock`` or ``late``.
    held : dict
        What came with it: ``properties``, ``profile``, ``context``.
    reason, where, text : str
        What is wrong with it, in which field, and how to mend it; empty for a good one.
    raw : str
        A bad item as it was sent.
    """

    name: str
    state: State
    received: int
    key: str = ""
    format: str = ""
    endpoint: str = ""
    kind: str = ""
    event: str = ""
    ids: list[list[str]] = field(default_factory=list)
    time: str = ""
    mark: str = ""
    held: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    where: str = ""
    text: str = ""
    raw: str = ""


def of_call(arrival: Arrival, call: Call, state: State) -> Item:
    """Return the item that a call is."""
    request, settled = arrival.request, clock.settled(call.time, call.sent, arrival.request.time)
    held = {name: value for name, value in (("properties", call.properties), ("profile", call.profile), ("context", call.context)) if value}
    if len(json.dumps(held, default=str)) > LARGEST:
        held = {"properties": {name: str(value)[:100] for name, value in list(call.properties.items())[:20]}}
    name = f"{arrival.instance}-{arrival.place:x}-{zlib.crc32(call.message.encode()):08x}"
    ids = [list(one) for one in call.ids]
    about = (request.key, request.format, request.endpoint, call.kind, call.event or "", ids, settled.time.isoformat(), settled.mark, held)
    return Item(name, state, request.received, *about)


def of_fault(arrival: Arrival, fault: Fault) -> Item:
    """Return the item that could not be used."""
    request, name = arrival.request, f"{arrival.instance}-{arrival.place:x}-{fault.index}"
    told = (request.key, request.format, request.endpoint)
    return Item(name, "refused", request.received, *told, reason=fault.reason, where=fault.where, text=fault.text, raw=fault.raw[:LARGEST])


def of_turn(
    calls: Sequence[tuple[Arrival, Call]], fresh: Sequence[bool], faults: Sequence[tuple[Arrival, Fault]], refused: Mapping[str, Fault]
) -> list[Item]:
    """Return the last items of what a loader took in at once, the oldest first; `refused` says, by message id, what is wrong with a call."""
    found = []
    for (arrival, call), new in zip(calls[-MOST:], fresh[-MOST:], strict=True):
        item, fault = of_call(arrival, call, "loaded" if new else "repeated"), refused.get(call.message)
        if fault is not None:
            item = replace(item, state="refused", reason=fault.reason, where=fault.where, text=fault.text, raw=fault.raw[:LARGEST])
        found.append(item)
    found += [of_fault(arrival, fault) for arrival, fault in faults[-MOST:]]
    return sorted(found, key=lambda one: one.received)[-MOST:]


class Recent:
    """The last items of a workspace, kept by its loader."""

    def __init__(self, root: Path) -> None:
        self._file = root / FOLDER / FILE
        self._lines = deque((line for line in _lines(self._file)[1:]), MOST)

    def keep(self, items: Iterable[Item], places: Mapping[str, int]) -> None:
        """Add items, of which the last ones are kept, and say up to which places all is loaded. A disk that is full costs nothing but the view."""
        last = deque(items, MOST)
        self._lines.extend(json.dumps(asdict(one), separators=(",", ":"), default=str) for one in last)
        aside = self._file.with_suffix(".new")
        try:
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write("\n".join([json.dumps({"places": dict(places)}), *self._lines, ""]))
            aside.replace(self._file)
        except OSError as fault:
            logger.warning("%s cannot be written: %s", self._file, fault)


def loaded(root: Path) -> tuple[list[Item], dict[str, int]]:
    """Return what the loader kept, the oldest first, and the places up to which it has loaded."""
    lines = _lines(root / FOLDER / FILE)
    places: dict[str, int] = json.loads(lines[0])["places"] if lines else {}
    return [item for line in lines[1:] if (item := _item(line)) is not None], places


def _item(line: str) -> Item | None:
    """Return the item of a line; None where another version of the house wrote it."""
    try:
        return Item(**json.loads(line))
    except (ValueError, TypeError):
        return None


def waiting(root: Path, tz: str, after: Mapping[str, int]) -> list[Item]:
    """Return what arrived last and follows the places `after`."""
    found: list[Item] = []
    for instance in instances(root):
        for place, request in _tail(root / FOLDER / instance, after.get(instance, 0)):
            arrival = Arrival(instance, place, request)
            try:
                batch = request.read(tz)
            except Unreadable:
                continue
            found += [of_call(arrival, call, "waiting") for _index, call in batch.calls]
            found += [of_fault(arrival, fault) for fault in batch.faults]
    return sorted(found, key=lambda one: one.received)[-MOST:]


def latest(root: Path, tz: str) -> list[Item]:
    """Return the last items that arrived, the newest first."""
    kept, places = loaded(root)
    found = {one.name: one for one in [*waiting(root, tz, places), *kept]}
    return sorted(found.values(), key=lambda one: one.received, reverse=True)[:MOST]


def _tail(folder: Path, after: int) -> Iterator[tuple[int, Request]]:
    """Yield the requests at the end of the last file of an instance that follow a place, each with its own."""
    files = sorted(file for file in folder.iterdir() if file.suffix in (BEING_WRITTEN, FINISHED))
    if not files or int(files[-1].stem) < after >> BITS:
        return
    number = int(files[-1].stem)
    begin = max(after & ((1 << BITS) - 1) if number == after >> BITS else 0, len(MAGIC))
    try:
        with files[-1].open("rb") as handle:
            size = handle.seek(0, os.SEEK_END)
            cut = size - begin > TAIL
            handle.seek(size - TAIL if cut else begin)
            data = handle.read()
    except FileNotFoundError:  # it was finished this moment: it is seen the next time
        return
    at = max(data.find(MARK), 0) if cut else 0
    start = (size - len(data) if cut else begin) + at
    for end, payload in frames(data[at:]):
        yield (number << BITS) + start + end, Request.unpacked(payload)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
