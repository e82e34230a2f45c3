"""From what came over the wire to text: gzip undone within bounds, base64 in its many spellings, UTF-8 with its mistakes kept in place."""

from __future__ import annotations

import binascii
import zlib

from tilth.collector.calls import Unreadable
from tilth.collector.formats import limits
from tilth.language import N_

GZIP = b"\x1f\x8b"

TOO_LONG = N_("The request holds more than 512,000 bytes: send it in parts.")
BROKEN_GZIP = N_("The request says or looks as if it were compressed by gzip, but cannot be unpacked: send it again, whole.")
NO_BASE64 = N_("The data are neither base64 nor JSON: check how the client encodes them.")
NO_ENCODING = N_("The request is compressed in a way that is not known here: use gzip or none.")


def opened(body: bytes, encoding: str = "") -> bytes:
    """Return `body` unpacked: the bytes decide whether it is gzip, `encoding` (its Content-Encoding) only whether it is something else.

    Raises
    ------
    Unreadable
        400 for gzip that is broken, 413 for more than `limits.BODY` bytes, 415 for another compression.
    """
    if body[:2] == GZIP:
        body = _inflated(body)
    elif encoding.strip().lower() not in ("", "identity", "gzip", "x-gzip"):
        raise Unreadable(415, NO_ENCODING)
    if len(body) > limits.BODY:
        raise Unreadable(413, TOO_LONG)
    return body


def _inflated(body: bytes) -> bytes:
    whole = b""
    while body:
        stream = zlib.decompressobj(wbits=31)
        try:
            whole += stream.decompress(body, limits.BODY + 1 - len(whole))
        except zlib.error as broken:
            raise Unreadable(400, BROKEN_GZIP) from broken
        if len(whole) > limits.BODY:
            raise Unreadable(413, TOO_LONG)
        if not stream.eof:
            raise Unreadable(400, BROKEN_GZIP)
        body = stream.unused_data.lstrip(b"\x00")  # padding, which gzip allows; anything else is a further member
    return whole


def text(body: bytes) -> str:
    """Return `body` as text; bytes that are not UTF-8 stay recognisable as lone surrogates, so that only the item they are in is refused."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("utf-8", "surrogateescape")


def unbased(field: str) -> bytes:
    """Return the bytes of a form's `field`: base64 (also that of addresses, without padding, with blanks for plus signs), or plain JSON as it is.

    Raises
    ------
    Unreadable
        400 when it is neither.
    """
    field = field.strip()
    if field[:1] in ("{", "["):
        return field.encode("utf-8", "surrogateescape")
    try:
        plain = field.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=").encode("ascii")
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as broken:
        raise Unreadable(400, NO_BASE64) from broken
