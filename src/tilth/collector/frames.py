"""The form of a log: requests one after the other, each as a frame that tells whether it is whole.

A file begins with :data:`MAGIC`, which carries the form's version. A frame is a mark, the length of what follows and its CRC-32, then the payload. A
process that dies while it writes leaves a frame that is cut short: reading ends there, for nobody was told that it was taken. Where whole frames
follow after damage, reading goes on with them, and says how many bytes were passed over.

>>> packed = frame(b"one") + frame(b"two")
>>> [payload for _end, payload in frames(packed + frame(b"three")[:-1])]
[b'one', b'two']
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator

MAGIC = b"tilth log 1\n"
MARK = b"\xf5\x02\xaf\x1e"
HEAD = struct.Struct(">4sII")

logger = logging.getLogger(__name__)


def frame(payload: bytes) -> bytes:
    """Return a payload with what tells that it is whole."""
    return HEAD.pack(MARK, len(payload), zlib.crc32(payload)) + payload


def frames(data: bytes | memoryview) -> Iterator[tuple[int, bytes]]:
    """Yield each whole frame of `data`, which begins with one: where it ends, and its payload."""
    view, at = memoryview(data), 0
    while at < len(view):
        end = _end(view, at)
        if end is None:
            found = _next(data, at + 1)
            if found is None:
                return
            logger.error("A log is damaged: %d bytes passed over", found - at)
            at = found
            continue
        yield end, bytes(view[at + HEAD.size : end])
        at = end


def _end(view: memoryview, at: int) -> int | None:
    """Return where the frame that begins at `at` ends; None when there is none, or it is not whole."""
    if len(view) - at < HEAD.size:
        return None
    mark, length, digest = HEAD.unpack_from(view, at)
    end = at + HEAD.size + int(length)
    if mark != MARK or end > len(view) or zlib.crc32(view[at + HEAD.size : end]) != digest:
        return None
    return end


def _next(data: bytes | memoryview, at: int) -> int | None:
    """Return where the next whole frame begins."""
    raw = bytes(data)
    while (at := raw.find(MARK, at)) >= 0:
        if _end(memoryview(raw), at) is not None:
            return at
        at += 1
    return None
