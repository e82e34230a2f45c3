"""PersonSet against Python's own sets."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tilth as tl
from tilth.engine.people import Directory, PersonSet, encode

ids = st.sets(st.sampled_from([f"人{k}" for k in range(12)]), max_size=12)


@given(ids, ids)
def test_operations_are_those_of_sets(a, b):
    left, right = tl.PersonSet.of(sorted(a)), tl.PersonSet.of(sorted(b, reverse=True))
    assert set(left & right) == a & b
    assert set(left | right) == a | b
    assert set(left - right) == a - b
    assert (left == right) is (a == b)
    assert len(left) == len(a)
    assert all((person in left) is (person in a) for person in a | b)


def test_people_of_one_source_are_found_in_another():
    first = tl.Events({"user_id": ["a", "b", "c"], "ts": [1, 2, 3], "event": ["x"] * 3})
    second = tl.Events({"user_id": ["z", "c", "b"], "ts": [1, 2, 3], "event": ["y"] * 3})
    assert set(second.within(first.people()).people()) == {"b", "c"}
    assert set(second.within(["z", "nobody"]).people()) == {"z"}


def test_an_id_of_another_kind_is_nobody():
    people = tl.PersonSet.of([1, 2])
    assert 1 in people
    assert "anna" not in people
    assert None not in people


def test_a_sample_is_of_people_the_same_each_time_and_nested():
    """10,000 people at a share of 0.3: the binomial's standard deviation is 46, so 4 of them either side."""
    frame = pd.DataFrame({"user_id": [f"u{k % 10_000}" for k in range(20_000)], "ts": range(20_000), "event": "x"})
    small, large = tl.Events(frame).sample(0.1).people(), tl.Events(frame.iloc[::-1]).sample(0.3).people()
    assert abs(len(large) - 3000) < 184
    assert len(small - large) == 0
    assert len(tl.Events(frame).sample(0.1)) == 2 * len(small)


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(tl.TilthError, match=str(share)):
        tl.Events({"user_id": ["a"], "ts": [1], "event": ["x"]}).sample(share)


def test_codes_of_nulls_and_nans_are_minus_one():
    codes, values = encode(pa.chunked_array([["b", None], ["a", "b"]]))
    assert codes.tolist() == [0, -1, 1, 0]
    assert values.to_pylist() == ["b", "a"]
    codes, values = encode(pa.chunked_array([[2.0, float("nan"), 2.0]]))
    assert codes.tolist() == [0, -1, 0]
    assert values.to_pylist() == [2]


def test_a_set_travels_without_those_who_are_not_in_it():
    """What is sent to other machines grows with the people chosen, not with those the source knows."""
    everybody = Directory(pa.array([f"person {k:09}" for k in range(10_000)]))
    few = PersonSet(np.array([3, 7], np.uint32), everybody)
    sent = pickle.dumps(few)
    assert pickle.loads(sent) == few
    assert len(sent) < 1_000
