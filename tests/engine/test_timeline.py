"""People in order against a plain sorted(): by person, time, ties, place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import tilth as tl
from tilth.engine import shards

rows = st.lists(st.tuples(st.sampled_from("abc") | st.none(), st.integers(0, 4) | st.none(), st.integers(0, 2) | st.none()), max_size=40)


@given(rows, st.booleans())
def test_rows_come_by_person_then_time_then_ties_then_place(given_rows, tied):
    people, times, ties = zip(*given_rows, strict=True) if given_rows else ((), (), ())
    table = {"user_id": list(people) or [None], "ts": list(times) or [None], "event": ["x"] * max(1, len(people)), "tie": list(ties) or [None]}
    timeline = tl.Events(table, order="tie" if tied else None).timeline
    usable = [k for k in range(len(people)) if people[k] is not None and times[k] is not None]
    first_seen = {person: place for place, person in reversed(list(enumerate(people)))}

    def rank(k):
        return (first_seen[people[k]], times[k], (ties[k] is None, ties[k] or 0) if tied else 0, k)

    assert timeline.rows.tolist() == sorted(usable, key=rank)
    assert timeline.times.tolist() == [times[k] * 1_000_000 for k in timeline.rows]
    assert timeline.left_out == len(table["user_id"]) - len(usable)
    assert timeline.offsets[-1] == len(usable)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=50), st.integers(1, 9))
def test_shards_are_whole_people_and_all_of_them(counts, pieces):
    offsets = [0]
    for count in counts:
        offsets.append(offsets[-1] + count)
    import numpy as np

    cut = shards.cut(np.array(offsets), pieces)
    assert [person for first, last in cut for person in range(first, last)] == list(range(len(counts)))
    assert len(cut) <= pieces


def test_many_shards_give_the_same_answer_as_one(monkeypatch):
    """The merge of partial results: 300 people, cut as finely as cores allow, against one shard."""
    table = {"user_id": [k % 300 for k in range(3000)], "ts": [k * 37 % 1000 for k in range(3000)], "event": ["abc"[k * 7 % 3] for k in range(3000)]}

    def answers():
        events = tl.Events(table)
        return events.funnel(["a", "b", "c"], within="5m").frame, events.retention("a", "b", period="day", periods=2).frame

    whole = answers()
    run = shards.run
    monkeypatch.setattr(shards, "run", lambda work, offsets, small=0: run(work, offsets, small=0))
    monkeypatch.setenv("TILTH_CORES", "7")
    for one, other in zip(whole, answers(), strict=True):
        assert one.equals(other)
