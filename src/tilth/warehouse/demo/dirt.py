"""A raw export of orders with dirty lines among the clean, as text, and the truth of which are dirty.

It is what the loader's quarantine is shown with: the kinds and their chances are those of :class:`tilth.warehouse.demo.truth.Dirt`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from tilth.warehouse.demo.streams import Streams
from tilth.warehouse.demo.truth import Dirt

HEADER = ("订单明细编号", "订单编号", "下单时间", "会员编号", "商品编码", "数量", "单价", "实付金额", "订单状态")
LINE, ORDER, TIME, _PERSON, _GOODS, _QUANTITY, PRICE, AMOUNT, _STATUS = range(len(HEADER))
_UNREADABLE = ("待确认", "2025-13-45 25:61:00", "昨天下午", "0000-00-00 00:00:00", "#########")


@dataclass(frozen=True)
class DirtyRow:
    """A dirty row of the raw export.

    Attributes
    ----------
    row : int
        Its number, the first row after the header being 1.
    reason : str
        Field of :class:`tilth.warehouse.demo.truth.Dirt` that names the kind.
    """

    row: int
    reason: str


@dataclass(frozen=True)
class DirtyExport:
    """The raw export: its lines as bytes, the header first and without line ends, and its dirty rows by number."""

    lines: tuple[bytes, ...]
    dirty: tuple[DirtyRow, ...]

    def content(self) -> bytes:
        """Return the file's bytes."""
        return b"\r\n".join(self.lines) + b"\r\n"


def soil(clean: list[list[str]], dirt: Dirt, streams: Streams) -> DirtyExport:
    """Return the export of the `clean` rows (cells in the order of :data:`HEADER`) with some made dirty.

    A duplicate is added after its original and is itself the dirty row.
    """
    rng = streams("dirt")
    kinds = [f.name for f in fields(dirt) if f.name != "lines"]
    chances = [getattr(dirt, kind) for kind in kinds]
    drawn = rng.choice(len(kinds) + 1, len(clean), p=[*chances, 1 - sum(chances)])
    which = rng.integers(0, len(_UNREADABLE), len(clean))
    lines, dirty = [_encoded(list(HEADER))], []
    for cells, kind, pick in zip(clean, drawn.tolist(), which.tolist(), strict=True):
        if kind == len(kinds):
            lines.append(_encoded(cells))
            continue
        reason = kinds[kind]
        if reason == "duplicate":
            lines.append(_encoded(cells))
        lines.append(_SPOIL[reason](cells, pick))
        dirty.append(DirtyRow(len(lines) - 1, reason))
    return DirtyExport(tuple(lines), tuple(dirty))


def _encoded(cells: list[str]) -> bytes:
    return ",".join(cells).encode()


def _with(cells: list[str], *changes: tuple[int, str]) -> bytes:
    changed = list(cells)
    for place, cell in changes:
        changed[place] = cell
    return _encoded(changed)


def _no_order(cells: list[str], pick: int) -> bytes:
    return _with(cells, (ORDER, ""))


def _bad_time(cells: list[str], pick: int) -> bytes:
    return _with(cells, (TIME, _UNREADABLE[pick]))


def _negative_price(cells: list[str], pick: int) -> bytes:
    return _with(cells, (PRICE, "-" + cells[PRICE]), (AMOUNT, "-" + cells[AMOUNT]))


def _bad_columns(cells: list[str], pick: int) -> bytes:
    return _encoded([*cells, "补录"] if pick % 2 else cells[:-2])


def _bad_encoding(cells: list[str], pick: int) -> bytes:
    # the status in GBK inside a UTF-8 file: its bytes are no UTF-8
    return _encoded(cells[:-1]) + b"," + cells[-1].encode("gbk")


def _duplicate(cells: list[str], pick: int) -> bytes:
    return _encoded(cells)


_SPOIL: dict[str, Callable[[list[str], int], bytes]] = {
    "no_order": _no_order,
    "bad_time": _bad_time,
    "negative_price": _negative_price,
    "bad_columns": _bad_columns,
    "bad_encoding": _bad_encoding,
    "duplicate": _duplicate,
}
