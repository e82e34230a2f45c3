"""JSON read item by item, so that one bad item does not take the good ones with it.

Python's own scanner does the reading; it can begin at any place and says where a value ends. Around it there is only the walk over the outer object
and its list, and what to do when the scanner stops: read the item again without judging its numbers to learn where it ends, and failing that, count
brackets up to the next item. All steps are linear in the length of the text.

>>> [(p.value, p.wrong and p.wrong.where) for p in batch('{"batch": [{"a": 1}, {"a": NaN}, {"a" 1}, {"a": 2}], "sentAt": "x"}', "batch")[1]]
[({'a': 1}, None), ({'a': nan}, 'NaN'), (None, ''), ({'a': 2}, None)]
"""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, JSONDecoder, scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple, NoReturn

from tilth.collector.calls import Unreadable
from tilth.collector.formats import faults, limits
from tilth.collector.formats.faults import Wrong
from tilth.language import N_

NO_JSON = N_("The request is not JSON: check what the client sends, and that it was not cut off.")
NO_LIST = N_("The list of items is missing from the request: send it under the name that the reference gives.")
MANY = N_("The request holds more than 2,000 items: send it in parts.")

BESIDE = 100
"""Names beside the list of items; published clients send five."""

BLANK = re.compile(r"[ \t\r\n]*")
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
UNFIT = re.compile("[\x00\ud800-\udfff]")
SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes that may stand for a null byte or half a surrogate pair; whole pairs are among them."""


class Piece(NamedTuple):
    """An item: the text it was sent as, its value, and what is wrong with it, if anything is.

    The value of a wrong item is what could be read of it, and only good for finding the write key.
    """

    text: str
    value: Any
    wrong: Wrong | None


def _constant(name: str) -> NoReturn:
    raise Wrong("number", name, faults.CONSTANT)


def _whole(digits: str) -> int:
    if len(digits) > 18 and not (len(digits) <= 20 and -(2**63) <= int(digits) < 2**63):
        raise Wrong("number", digits[:40], faults.TOO_LARGE)
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if number - number != 0:
        raise Wrong("number", digits[:40], faults.TOO_LARGE)
    return number


_strict = JSONDecoder(parse_constant=_constant, parse_int=_whole, parse_float=_fraction).scan_once  # type: ignore[attr-defined]
_lax = JSONDecoder(parse_int=str, parse_float=str).scan_once  # type: ignore[attr-defined]


def batch(text: str, name: str) -> tuple[dict[str, Any], list[Piece]]:
    """Return what stands beside the list `name` in the object that `text` is, and the items of that list. A list alone is taken, too.

    Raises
    ------
    Unreadable
        400 when it is no object or has no such list, 413 when there are too many items.
    """
    at = _blank(text, 0)
    suspect = _suspect(text)
    if text[at : at + 1] == "[":
        return {}, _items(text, at, suspect)[0]
    if text[at : at + 1] != "{":
        raise Unreadable(400, NO_JSON)
    beside: dict[str, Any] = {}
    found: list[Piece] | None = None
    at += 1
    while True:
        at = _blank(text, at)
        if text[at : at + 1] != '"' or len(beside) > BESIDE:
            break
        try:
            member, at = scanstring(text, at + 1, False)
        except JSONDecodeError:
            break
        at = _blank(text, at)
        if text[at : at + 1] != ":":
            break
        at = _blank(text, at + 1)
        if member == name and text[at : at + 1] == "[":
            more, at = _items(text, at, suspect, len(found or ()))
            found = [*(found or ()), *more]
        else:
            piece, at = _piece(text, at, suspect)
            if piece.wrong is None:
                beside[member] = piece.value
        at = _blank(text, at)
        if text[at : at + 1] != ",":
            break
        at += 1
    if found is None:
        raise Unreadable(400, NO_LIST if beside or text[at : at + 1] == "}" else NO_JSON)
    return beside, found


def listed(text: str) -> list[Piece]:
    """Return the items of the list that `text` is, or of the single object.

    Raises
    ------
    Unreadable
        400 when it is neither, 413 when there are too many items.
    """
    at = _blank(text, 0)
    return _items(text, at, _suspect(text))[0] if text[at : at + 1] == "[" else [single(text)]


def single(text: str) -> Piece:
    """Return the one item that `text` is.

    Raises
    ------
    Unreadable
        400 when it is no object.
    """
    at = _blank(text, 0)
    piece, end = _piece(text, at, _suspect(text))
    if text[at : at + 1] != "{" or piece.value is None or _blank(text, end) != len(text):
        if piece.wrong is not None and piece.wrong.text in (faults.DEEP, faults.NOT_TEXT):
            return piece
        raise Unreadable(400, NO_JSON)
    return piece


def _items(text: str, at: int, suspect: bool, before: int = 0) -> tuple[list[Piece], int]:
    """Return the items of the list that begins at `at`, and where it ends."""
    pieces: list[Piece] = []
    at = _blank(text, at + 1)
    if text[at : at + 1] == "]":
        return pieces, at + 1
    while at < len(text):
        if len(pieces) + before == limits.ITEMS:
            raise Unreadable(413, MANY)
        piece, end = _piece(text, at, suspect)
        mark = text[end : end + 1]
        if mark not in (",", "]"):
            end = _blank(text, end)
            mark = text[end : end + 1]
            if mark not in (",", "]", ""):
                end = _skipped(text, at)
                mark = text[end : end + 1]
                piece = Piece(text[at:end], None, Wrong("json", "", faults.NOT_JSON))
            elif mark == "" and piece.value is None:
                piece = piece._replace(wrong=Wrong("json", "", faults.CUT))
        pieces.append(piece)
        if mark == "]":
            return pieces, end + 1
        at = _blank(text, end + 1)
    return pieces, at


def _piece(text: str, at: int, suspect: bool) -> tuple[Piece, int]:
    """Return the value that begins at `at`, judged, and where it ends; `suspect` if the text may hold what no text can."""
    try:
        value, end = _strict(text, at)
        raw = text[at:end]
        plain = not suspect and len(raw) * 4 <= limits.ITEM and raw.count("{") + raw.count("[") <= limits.DEPTH
        return Piece(raw, value, None if plain else _judged(raw, value, suspect)), end
    except Wrong as wrong:
        value, end = _loosely(text, at)
        return Piece(text[at:end], value, wrong), end
    except RecursionError:
        end, what = _skipped(text, at), faults.DEEP
    except (StopIteration, JSONDecodeError):
        end = _skipped(text, at)
        what = faults.NOT_TEXT if "\x00" in text[at:end] else faults.NOT_JSON
    return Piece(text[at:end], None, Wrong("json", "", what)), end


def _loosely(text: str, at: int) -> tuple[Any, int]:
    """Return the value at `at` with numbers unread, or None where it cannot be read at all, and where it ends."""
    try:
        return _lax(text, at)
    except (StopIteration, JSONDecodeError, RecursionError):
        return None, _skipped(text, at)


def _suspect(text: str) -> bool:
    """Return whether some string in `text` may have to be looked at one by one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return SUSPECT.search(text) is not None


def _judged(raw: str, value: Any, suspect: bool) -> Wrong | None:
    """Return what is wrong with a value that the scanner could read."""
    if len(raw) > limits.ITEM or len(raw.encode("utf-8", "surrogatepass")) > limits.ITEM:
        return Wrong("size", "", faults.LONG_ITEM)
    if _deep(value):
        return Wrong("json", "", faults.DEEP)
    if suspect and (where := _unfit(value)) is not None:
        return Wrong("json", where, faults.NOT_TEXT)
    return None


def _deep(value: Any) -> bool:
    """Return whether more than `limits.DEPTH` objects and lists lie in each other."""
    level = [value]
    for _ in range(limits.DEPTH + 1):
        level = [one for one in level if type(one) in (dict, list)]
        if not level:
            return False
        level = [inner for one in level for inner in (one.values() if type(one) is dict else one)]
    return True


def _unfit(value: Any) -> str | None:
    """Return the name under which a text lies that cannot be kept, or None if there is none."""
    left = [("", value)]
    while left:
        name, one = left.pop()
        if type(one) is str and UNFIT.search(one):
            return name
        if type(one) is dict:
            if any(UNFIT.search(key) for key in one):
                return name
            left += one.items()
        elif type(one) is list:
            left += [(name, inner) for inner in one]
    return None


def _skipped(text: str, at: int) -> int:
    """Return where the broken item at `at` ends: before the comma or bracket that ends it, counting brackets outside of strings."""
    depth = 0
    for token in TOKEN.finditer(text, at):
        mark = token.group()
        if mark in "[{":
            depth += 1
        elif depth == 0 and mark in ",]}":
            return token.start()
        elif mark in "]}":
            depth -= 1
    return len(text)


def _blank(text: str, at: int) -> int:
    match = BLANK.match(text, at)
    return match.end() if match else at
