"""The index against plain sorting: whatever is built at once or folded in piece by piece is the events of each person by time and ``seq``."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.engine.index import build as build_
from tilth.engine.index.build import Rows, SlotError, build
from tilth.engine.index.fold import fold, relink
from tilth.engine.index.indexed import IndexedHistory
from tilth.engine.index.layout import Index
from tilth.engine.kernels import index as kernels
from tilth.engine.sources import Source, database

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
SCHEMA = pa.schema([("person", pa.string()), ("time", pa.timestamp("us", "UTC")), ("event", pa.string()), ("seq", pa.int64()), ("city", pa.string())])

row = st.tuples(
    st.sampled_from(["ann", "bob", "cy", "d1", "d2", None]),
    st.one_of(st.none(), st.integers(0, 5)),
    st.sampled_from(["view", "buy", "share", None]),
    st.sampled_from(["杭州", "上海", None]),
)
loads = st.lists(st.lists(row, max_size=8), min_size=1, max_size=4)
links = st.dictionaries(st.sampled_from(["d1", "d2"]), st.sampled_from(["ann", "bob"]))


def told(load, slot):
    """The rows of a load as the table has them: with gaps in `seq`, as quarantined rows leave them, and in no order."""
    rows = [(p, None if t is None else BEGIN + timedelta(seconds=t), e, (slot << 32) + 3 * k + 1, c) for k, (p, t, e, c) in enumerate(load)]
    return rows[::-1]


def table(rows):
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, one, strict=True)) for one in rows], schema=SCHEMA)


def feed(rows, linked):
    connection = database("UTC")
    connection.register("stored", table(rows))
    held = pa.table({"value": pa.array(list(linked), pa.string()), "person": pa.array(list(linked.values()), pa.string())})
    return Rows(connection, "SELECT person, time, event, seq FROM stored", held)


def expected(rows, linked):
    """The events of each person, by brute force."""
    people = {}
    for person, time, event, seq, city in rows:
        if person is not None and time is not None:
            people.setdefault(linked.get(person, person), []).append((time, seq, event, city))
    return {person: [(time, event, city) for time, _seq, event, city in sorted(events, key=lambda one: one[:2])] for person, events in people.items()}


def found(index, rows):
    connection = database("UTC")
    connection.register("stored", table(rows))
    history = IndexedHistory(index, lambda: Source(connection.sql("FROM stored")))
    timeline = history.timeline
    (events, names), (cities, values) = history.codes("event"), history.codes("city")
    out = {}
    for p, person in enumerate(timeline.directory.ids.to_pylist()):
        places = range(timeline.offsets[p], timeline.offsets[p + 1])
        if places:
            out[person] = [
                (
                    BEGIN + timedelta(microseconds=int(timeline.times[i]) - int(BEGIN.timestamp() * 1e6)),
                    names[int(events[i])].as_py() if events[i] >= 0 else None,
                    values[int(cities[i])].as_py() if cities[i] >= 0 else None,
                )
                for i in places
            ]
    return out


@given(loads, links)
def test_built_at_once(given_loads, linked):
    rows = [one for slot, load in enumerate(given_loads, 1) for one in told(load, slot)]
    with TemporaryDirectory() as folder:
        index = build(feed(rows, linked), Path(folder) / "a", {"version": 3})
        assert found(index, rows) == expected(rows, linked)
        assert index.about.left_out == sum(one[0] is None or one[1] is None for one in rows)
        assert index.about.source == {"version": 3}
        assert Index.open(index.folder).about == index.about


@given(loads, links, links)
def test_folded_in_load_by_load_with_people_joined_on_the_way(given_loads, first, later):
    """At first some ids are linked; from the second load on more are, each a whole person until then."""
    after = {**later, **first}
    joined = {value: person for value, person in after.items() if value not in first}
    with TemporaryDirectory() as folder:
        rows = told(given_loads[0], 1)
        index = build(feed(rows, first), Path(folder) / "1", {})
        for slot, load in enumerate(given_loads[1:], 2):
            new = told(load, slot)
            index.column("city")  # properties are read anew for every index
            index = fold(index, feed(new, after), Path(folder) / str(slot), {}, joined)
            rows += new
        assert found(index, rows) == expected(rows, after if len(given_loads) > 1 else first)
        whole = build(feed(rows, after if len(given_loads) > 1 else first), Path(folder) / "whole", {})
        assert (index.about.events, index.about.left_out) == (whole.about.events, whole.about.left_out)


@given(loads, links, st.sampled_from(["杭州", ["杭州", "上海"], "北京", ["北京", None], None, []]))
def test_conditions_hold_as_they_do_for_rows_that_are_not_indexed(given_loads, linked, city):
    """By the codes of a column or by reading the rows: the same events, and a null equals nothing."""
    rows = [one for slot, load in enumerate(given_loads, 1) for one in told(load, slot)]
    with TemporaryDirectory() as folder:
        connection = database("UTC")
        connection.register("stored", table(rows))
        history = IndexedHistory(build(feed(rows, linked), Path(folder) / "a", {}), lambda: Source(connection.sql("FROM stored")))
        there = {one[3]: one[4] for one in rows}
        wanted = [one for one in (city if isinstance(city, list) else [city]) if one is not None]
        found = history.where({"city": city})
        cities = [there[(int(slot) << 32) + int(row - base)] for row in history.timeline.rows for slot, base in [slot_of(history.index, row)]]
        assert found.tolist() == [one in wanted for one in cities]


def slot_of(index, row):
    """The slot in which a row number lies, and where it begins."""
    at = np.searchsorted(index.about.bases, row, side="right") - 1
    return index.about.slots[at], index.about.bases[at]


@given(loads, links, st.data())
def test_dealt_out_to_small_blocks_and_in_files(given_loads, linked, data):
    """Blocks of a person or two, and rows that are kept aside in files, as far larger tables have them."""
    rows = [one for slot, load in enumerate(given_loads, 1) for one in told(load, slot)]
    with TemporaryDirectory() as folder, patch.object(build_, "BLOCK", data.draw(st.integers(1, 8))), patch.object(build_, "IN_MEMORY", 0):
        assert found(build(feed(rows, linked), Path(folder) / "a", {}), rows) == expected(rows, linked)


@given(loads, links, st.integers(0, 8))
def test_the_last_slot_goes_on_growing(given_loads, linked, known):
    """As live events do: the slot that was the last one has more rows the next time."""
    *before, last = [told(load, slot) for slot, load in enumerate(given_loads, 1)]
    rows, new = [one for load in before for one in load] + last[::-1][:known], last[::-1][known:]
    with TemporaryDirectory() as folder:
        index = fold(build(feed(rows, linked), Path(folder) / "a", {}), feed(new, linked), Path(folder) / "b", {})
        assert found(index, rows + new) == expected(rows + new, linked)


@given(st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=40), st.data())
def test_codes_are_found_by_their_hashes(hashes, data):
    """Against a dictionary; hashes of the same tag that come upon each other are refused, for they could not be told apart."""
    table, codes = np.zeros(64, np.uint64), np.arange(len(hashes), dtype=np.int32)
    if kernels.fill(np.array(hashes, np.uint64), codes, table):
        asked = data.draw(st.lists(st.sampled_from(hashes), max_size=200)) if hashes else []
        known = np.array([data.draw(st.booleans()) for _one in asked], bool)
        out = np.empty(len(asked), np.int32)
        kernels.look_up(np.array(asked, np.uint64), known, table, out)
        assert out.tolist() == [hashes.index(one) if there else -1 for one, there in zip(asked, known, strict=True)]
    else:
        assert len({one >> 32 for one in hashes}) < len(hashes)


def test_hashes_with_one_tag_are_told_apart_or_refused():
    hashes = np.array([(7 << 32) + 1, (7 << 32) + 2, (7 << 32) + 1 + (1 << 16)], np.uint64)
    assert kernels.fill(hashes[:2], np.arange(2, dtype=np.int32), np.zeros(16, np.uint64))  # each has a place of its own
    assert not kernels.fill(hashes[::2], np.arange(2, dtype=np.int32), np.zeros(16, np.uint64))  # the second comes upon the first


def test_rows_of_an_older_slot_cannot_be_folded_in(tmp_path):
    index = build(feed(told([("ann", 1, "view", None)], 2), {}), tmp_path / "a", {})
    with pytest.raises(SlotError):
        fold(index, feed(told([("ann", 2, "buy", None)], 1), {}), tmp_path / "b", {})
    assert [one.name for one in tmp_path.iterdir()] == ["a"]  # nothing half made stays


def test_an_index_of_the_same_events_shares_their_files(tmp_path):
    rows = told([("ann", 1, "view", "杭州"), ("bob", 1, "buy", None)], 1)
    index = build(feed(rows, {}), tmp_path / "a", {"version": 1})
    assert found(index, rows)
    again = relink(index, tmp_path / "b", {"version": 2})
    assert again.about.source == {"version": 2}
    assert (again.folder / "times").stat().st_ino == (index.folder / "times").stat().st_ino
    assert again.column("city") is not None
    assert found(again, rows) == expected(rows, {})


def test_a_person_whose_events_came_backwards_is_sorted_in_no_more_time_than_needed(tmp_path):
    """20,000 events of one person in reverse: insertion alone would move 200 million."""
    rows = [("ann", BEGIN + timedelta(seconds=20_000 - k), "view", (1 << 32) + k, None) for k in range(20_000)]
    index = build(feed(rows, {}), tmp_path / "a", {})
    assert (np.diff(index.times) > 0).all()
    assert index.rows.tolist() == list(range(19_999, -1, -1))


def test_bytes_an_event(tmp_path):
    """8 for the time, 1 for the event, 4 for the row; people and names are few beside them."""
    rows = [(f"p{k % 100}", BEGIN + timedelta(seconds=k), "view", (1 << 32) + k, None) for k in range(50_000)]
    index = build(feed(rows, {}), tmp_path / "a", {})
    assert 13 <= index.bytes / 50_000 < 14


def test_reading_goes_on_when_the_folder_is_removed(tmp_path):
    import shutil

    rows = told([("ann", 1, "view", None), ("ann", 2, "buy", None)], 1)
    index = build(feed(rows, {}), tmp_path / "a", {})
    times = index.times
    shutil.rmtree(index.folder)
    assert times.tolist() == [int((BEGIN + timedelta(seconds=k)).timestamp() * 1e6) for k in (1, 2)]
