"""A request as it stands in a log: what came in, untouched, with what is needed to read it again.

The collector reads a request to answer it, the loader reads it once more to load it; both read the same bytes by the same functions, so the log needs
no form of its own for calls, and shows what a client really sent.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from tilth.collector.calls import Batch, Fault, Unreadable
from tilth.collector.formats import pixel, segment, sensors

Format = Literal["segment", "sensors", "pixel"]
KEPT = ("content-type", "content-encoding", "user-agent", "referer", "dry-run")
LENGTH = struct.Struct(">H")
MOST = 8192  # bytes of a request that cannot be read that are shown


@dataclass(frozen=True)
class Request:
    """What came in.

    Attributes
    ----------
    format : {"segment", "sensors", "pixel"}
    endpoint : str
        The last part of its path.
    received : int
        When, in microseconds since 1970.
    body : bytes
    query : dict
    headers : dict
        Those of :data:`KEPT` that it has, by lower-case names.
    ip : str
        Where it came from.
    key : str
        The id of its write key.
    """

    format: Format
    endpoint: str
    received: int
    body: bytes = b""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ip: str = ""
    key: str = ""

    @property
    def time(self) -> datetime:
        """When it came in, in UTC."""
        return datetime.fromtimestamp(self.received / 1_000_000, UTC)

    def read(self, tz: str) -> Batch:
        """Return its calls; wall clocks without an offset are read in `tz`.

        Raises
        ------
        Unreadable
            When nothing of it can be read.
        """
        if self.format == "segment":
            return segment.read(self.endpoint, self.body, self.headers, self.time)
        if self.format == "sensors":
            return sensors.read(self.body, self.headers, self.query, self.time, ZoneInfo(tz))
        return pixel.read(self.query, self.time, ZoneInfo(tz))

    def packed(self) -> bytes:
        """Return it as the payload of a frame."""
        about = json.dumps({name: value for name, value in asdict(self).items() if name != "body" and value}, separators=(",", ":")).encode()
        return LENGTH.pack(len(about)) + about + self.body

    @classmethod
    def unpacked(cls, payload: bytes) -> Request:
        """Return what :meth:`packed` was made of.

        >>> one = Request("pixel", "pixel.gif", 1, query={"event": "view"})
        >>> Request.unpacked(one.packed()) == one
        True
        """
        (length,) = LENGTH.unpack_from(payload)
        begin = LENGTH.size + length
        return cls(**json.loads(payload[LENGTH.size : begin]), body=payload[begin:])


def unreadable(request: Request, error: Unreadable) -> Fault:
    """Return a request of which nothing can be read as one item that is wrong."""
    return Fault(0, "json", "", str(error), repr(request.body[:MOST]))
