"""Text is cut between rows and nowhere else, whatever the rows hold and wherever a block ends. Python's csv module is the second opinion."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.warehouse.loading import blocks
from tilth.warehouse.loading.blocks import Block, Cutter, text_blocks

VALUES = st.one_of(
    st.sampled_from(["", "a", "x,y", "l1\nl2", 'q"q', '"', '""', '",', '5" pipe', "浏览", "\n", ',"\n"', "end"]),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r\ufeff\ufdd0"), max_size=6),
)
ROWS = st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=12)


def cut(raw: bytes, size: int, **given: str) -> list[Block]:
    return list(text_blocks(io.BytesIO(raw), delimiter=",", columns=3, size=size, **given))


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def written(rows: list[list[str]], end: str, last: bool) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    text = out.getvalue()
    return (text if last or rows[-1][-1:] == [""] else text.removesuffix(end)).encode()


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(1, 60))
def test_rows_stay_whole(rows: list[list[str]], end: str, last: bool, size: int) -> None:
    raw = written(rows, end, last)
    found = cut(raw, size)
    assert b"".join(block.data for block in found) == raw
    assert [row for block in found for row in read(block.data)] == read(raw)
    assert not any(block.torn for block in found)


@given(ROWS, st.integers(1, 60))
def test_the_slow_way_gives_the_same(rows: list[list[str]], size: int) -> None:
    raw = written(rows, "\n", True)
    cutter = Cutter(",", '"', 3)
    cutter._orderly = lambda text: None  # type: ignore[method-assign]
    rest, parts = b"", []
    for start in range(0, len(raw), size):
        text, stop, torn = cutter(rest + raw[start : start + size], start + size >= len(raw))
        assert torn == ()
        parts.append(text[:stop])
        rest = text[stop:]
    assert b"".join(parts) == raw
    assert [row for part in parts for row in read(part)] == read(raw)


@given(st.integers(1, 80))
def test_a_quote_that_does_not_close_takes_only_its_line(size: int) -> None:
    raw = b'1,"open,x\n2,"ok, fine",y\n3,"shut"too early,z\n4,5" pipe,w\n5,"two\nlines",v\n6,"last,u'
    found = cut(raw, size)
    assert [line for block in found for line in block.torn] == ['1,"open,x', '3,"shut"too early,z', '6,"last,u']
    good = [line for block in found for line in read(block.data) if not line[0].startswith(blocks.UNREADABLE)]
    assert good == [["2", "ok, fine", "y"], ["4", '5" pipe', "w"], ["5", "two\nlines", "v"]]


def test_a_quote_that_never_closes_does_not_gather_the_rest_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LONGEST", 100)
    lines = [b'0,"never,x', *(b"%d,good,y" % n for n in range(1, 200))]
    found = cut(b"\n".join(lines), 64)
    assert [line for block in found for line in block.torn] == ['0,"never,x']
    good = [line[0] for block in found for line in read(block.data) if not line[0].startswith(blocks.UNREADABLE)]
    assert good == [str(n) for n in range(1, 200)]
    assert max(len(block.data) for block in found) < 400


@given(ROWS, st.sampled_from(["gb18030", "utf-16", "utf-8-sig"]), st.integers(1, 60))
def test_other_encodings_become_utf_8(rows: list[list[str]], encoding: str, size: int) -> None:
    raw = written(rows, "\n", True)
    found = cut(raw.decode().encode(encoding), size, encoding=encoding)
    assert b"".join(block.data for block in found) == raw


@given(st.integers(1, 20))
def test_bytes_that_are_no_text_are_marked_in_their_own_row(size: int) -> None:
    raw = "一,二,三\n".encode("gb18030") + b"a,\xff,c\n" + "四,五,六\n".encode("gb18030")
    found = cut(raw, size, encoding="gb18030")
    assert read(b"".join(block.data for block in found)) == [["一", "二", "三"], ["a", blocks.UNREADABLE, "c"], ["四", "五", "六"]]
    assert [block.marked for block in found if blocks.UNREADABLE.encode() in block.data] == [True]


def test_files_of_old_macs() -> None:
    assert [block.data for block in cut(b"a,b,c\rd,e,f\rg,h,i", 8)] == [b"a,b,c\r", b"d,e,f\r", b"g,h,i"]
