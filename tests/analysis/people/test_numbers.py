"""Numbers stay with people (rule 7), whatever arrives later."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.people.test_identity import KINDS, LINKING, calls_of_all_kinds
from tests.analysis.strategies import FUZZING

from tilth.analysis.people.calls import Call
from tilth.analysis.people.identity import resolve
from tilth.analysis.people.numbers import Numbers, numbered

ALL = (*LINKING, *LINKING, "unbind", "merge", "undo")


@FUZZING
@given(calls_of_all_kinds(says=ALL), st.integers(0, 8))
def test_calls_that_arrive_in_their_order_change_no_number(calls, at):
    then, kept = numbered(resolve([call for call in calls if call.time <= at], KINDS))
    people = resolve(calls, KINDS)
    now, later = numbered(people, kept)
    if not any(call.says == "undo" for call in calls):  # an undoing may found otherwise
        assert now[: len(then)].tolist() == then.tolist()
    assert set(then.tolist()) <= set(now.tolist()) | set(later.leading)


@FUZZING
@given(calls_of_all_kinds(says=ALL), st.randoms(use_true_random=False))
def test_in_any_order_of_arrival_a_number_is_one_persons_and_leads_to_somebody(calls, chance: random.Random):
    arrived = [*calls]
    chance.shuffle(arrived)
    kept = Numbers()
    given_so_far: set[int] = set()
    for end in range(0, len(arrived) + 1, 4):
        people = resolve(arrived[:end], KINDS)
        numbers, kept = numbered(people, kept)
        assert len(set(numbers.tolist())) == len(numbers)
        given_so_far |= set(numbers.tolist())
        assert set(kept.leading.values()) <= set(numbers.tolist())
        assert given_so_far == set(range(1, kept.following))
        assert set(kept.founders.values()) == given_so_far


def test_a_late_call_that_begins_earlier_keeps_the_number():
    visits = [Call(5, "m1", (("anonymous", "c"),)), Call(6, "m2", (("anonymous", "x"),))]
    before, kept = numbered(resolve(visits))
    assert before.tolist() == [1, 2]
    people = resolve([*visits, Call(1, "m3", (("user", "li"), ("anonymous", "x")))])
    numbers, _ = numbered(people, kept)
    assert numbers[people.who(("user", "li"))] == numbers[people.who(("anonymous", "x"))] == 2
    assert numbers[people.who(("anonymous", "c"))] == 1


def test_two_numbers_that_turn_out_to_be_one_person_from_the_start():
    visits = [Call(5, "m1", (("anonymous", "c"),)), Call(6, "m2", (("anonymous", "x"),))]
    _, kept = numbered(resolve(visits))
    numbers, kept = numbered(resolve([*visits, Call(1, "m3", (("anonymous", "c"), ("anonymous", "x")))]), kept)
    assert numbers.tolist() == [1]
    assert kept.leading == {2: 1}


def test_who_is_erased_gets_a_new_number():
    visit, erase, back = Call(1, "m1", (("anonymous", "c"),)), Call(2, "m2", (("anonymous", "c"),), "erase"), Call(3, "m3", (("anonymous", "c"),))
    _, kept = numbered(resolve([visit]))
    numbers, kept = numbered(resolve([visit, erase, back]), kept.without({("anonymous", "c")}))
    assert numbers.tolist() == [2]
