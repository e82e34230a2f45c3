"""Ids to people against brute force, and what the rules promise of any calls."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.strategies import FUZZING
from tests.oracles.identity import calls_of, ids_of, world

from tilth.analysis.people.calls import RARE, Call
from tilth.analysis.people.columns import columns
from tilth.analysis.people.history import told
from tilth.analysis.people.identity import resolve, resolve_columns
from tilth.analysis.people.kinds import Kind, Kinds

KINDS = Kinds(
    kinds=(
        Kind("user", one_per_person=True),
        Kind("member", one_per_person=True),
        Kind("openid", limit=2, family=True),
        Kind("phone", limit=2, passes=True),
        Kind("device", limit=3, lent=True),
        Kind("anonymous", lent=True),
    ),
    logins=2,
)
NAMES = ("user", "user", "member", "openid:wx1", "openid:wx2", "phone", "phone", "device", "device", "anonymous")
IDS = st.tuples(st.sampled_from(NAMES), st.sampled_from(("a", "b", "c", "d")))
LINKING = ("event", "event", "event", "identify", "alias", "bind")


@st.composite
def calls_of_all_kinds(draw, says=(*LINKING, *LINKING, "unbind", "unbind", "merge", "undo", "erase"), most=14):
    count = draw(st.integers(1, most))
    found: list[Call] = []
    for number in range(count):
        one = draw(st.sampled_from(says))
        ids = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
        time = draw(st.integers(0, 8))
        merges = [c.message for c in found if c.says == "merge"]
        of = draw(st.sampled_from(merges)) if one == "undo" and merges else ""
        found.append(Call(time, f"m{draw(st.integers(0, 9))}{number:02}", () if one == "undo" else tuple(ids), one, of))
    return found


def messages(people, at=None):
    found: dict[int, set[str]] = {}
    for message, whose in zip(people.calls.messages, people.assign(at).tolist(), strict=True):
        if whose >= 0:
            found.setdefault(whose, set()).add(message)
    return {frozenset(some) for some in found.values()}


@FUZZING
@given(calls_of_all_kinds())
def test_brute_force_finds_the_same_people_and_gives_them_the_same_calls(calls):
    people = resolve(calls, KINDS)
    told = world(calls, KINDS)
    assert set(people.groups()) == ids_of(told)
    assert messages(people) == calls_of(told)
    assert {people.calls.id(code) for _, code in people.shares.tolist()} == set(told.shared)


@FUZZING
@given(calls_of_all_kinds(most=30))
def test_brute_force_finds_the_same_people_in_longer_stories(calls):
    people = resolve(calls, KINDS)
    assert set(people.groups()) == ids_of(world(calls, KINDS))


@FUZZING
@given(calls_of_all_kinds(says=(*LINKING, *LINKING, "unbind", "unbind", "merge"), most=40))
def test_the_kernel_and_the_replay_tell_the_same_story(calls):
    held = columns(calls, KINDS)
    quick = resolve_columns(held, KINDS)
    ledger = told([(at, held.call(at)) for at in range(len(held))], KINDS).ledger
    numbers = {person: number for number, person in enumerate(sorted({link.person for link in ledger.links}))}

    def number(person):
        return -1 if person is None else numbers[person]

    assert quick.whose.tolist() == [number(ledger.whose[at]) for at in range(len(held))]
    assert sorted(zip(*(quick.links[name].tolist() for name in ("person", "since", "rule", "until", "ended")), strict=True)) == sorted(
        (number(k.person), k.since, k.rule, *((-1, -1) if k.until is None else (k.until, k.ended))) for k in ledger.links
    )
    assert sorted(zip(*(quick.leads[name].tolist() for name in ("person", "into", "since", "rule")), strict=True)) == sorted(
        (number(k.person), number(k.into), k.since, k.rule) for k in ledger.leads.values()
    )
    assert [(a, held.id(i), h, p) for a, i, h, p in quick.clashes.tolist()] == [
        (c.at, c.id, number(c.holder), number(c.person)) for c in ledger.conflicts
    ]
    assert [(a, held.id(i), h, p) for a, i, h, p in quick.passings.tolist()] == [
        (c.at, c.id, number(c.holder), number(c.person)) for c in ledger.passed
    ]
    assert [(a, held.id(i)) for a, i in quick.shares.tolist()] == [(s.at, s.id) for s in ledger.shared.values()]
    assert sorted((a, held.id(i)) for a, i in quick.lefts.tolist()) == sorted((o.at, o.id) for o in ledger.left)


@FUZZING
@given(calls_of_all_kinds(), st.randoms(use_true_random=False))
def test_arrival_does_not_matter_and_repeats_do_not_count(calls, chance: random.Random):
    as_it_was = resolve(calls, KINDS)
    shuffled = [*calls, *chance.sample(calls, len(calls) // 2)]
    chance.shuffle(shuffled)
    again = resolve(shuffled, KINDS)
    assert again.groups() == as_it_was.groups()
    assert again.assign().tolist() == as_it_was.assign().tolist()
    assert again.founded.tolist() == as_it_was.founded.tolist()


@FUZZING
@given(calls_of_all_kinds(says=(*LINKING, "unbind", "unbind", "merge", "merge", "undo")), st.integers(0, 8))
def test_people_as_of_a_time_are_those_of_the_calls_up_to_then(calls, at):
    later, then = resolve(calls, KINDS), resolve([call for call in calls if call.time <= at], KINDS)
    assert set(later.groups(at)) == set(then.groups())
    assert messages(later, at) == messages(then)
    for one in {i for call in calls for i in call.ids}:
        who = later.who(one, at)
        assert (who is None) == (then.who(one) is None)
        assert who is None or one in later.groups(at)[sorted({later.who(i, at) for g in later.groups(at) for i in g}).index(who)]


@FUZZING
@given(calls_of_all_kinds(says=(*LINKING, *LINKING, "unbind")))
def test_two_known_people_never_become_one_without_an_operator(calls):
    for group in resolve(calls, KINDS).groups():
        singles = [name for name, _ in group if name in ("user", "member")]
        assert len(singles) == len(set(singles)), group


@FUZZING
@given(calls_of_all_kinds())
def test_nobody_has_more_of_a_kind_than_its_limit(calls):
    for group in resolve(calls, KINDS).groups():
        for kind, limit in (("openid:wx1", 2), ("openid:wx2", 2), ("phone", 2), ("device", 3)):
            assert sum(name == kind for name, _ in group) <= limit


@FUZZING
@given(calls_of_all_kinds(says=(*LINKING, "unbind"), most=10), st.lists(IDS, min_size=2, max_size=3, unique=True))
def test_a_merge_undone_leaves_what_was_before(calls, ids):
    merge = Call(4, "z-merge", tuple(ids), "merge", reason="the same person at the counter")
    undo = Call(9, "z-undo", (), "undo", of="z-merge")
    before, after = resolve(calls, KINDS), resolve([*calls, merge, undo], KINDS)
    assert set(after.groups()) == set(before.groups())
    assert messages(after) == messages(before)
    assert set(after.groups(8)) == set(resolve([*calls, merge], KINDS).groups())


@FUZZING
@given(calls_of_all_kinds(says=LINKING))
def test_an_old_number_leads_to_the_person(calls):
    people = resolve(calls, KINDS)
    lead = people.leading()
    for row, person in enumerate(people.links["person"].tolist()):
        if people.links["until"][row] < 0:
            assert people.who(people.calls.id(people.links["id"][row])) == lead[person]
    assert (lead[lead] == lead).all()


@FUZZING
@given(calls_of_all_kinds(says=(*LINKING, "unbind"), most=10), IDS)
def test_who_is_erased_comes_back_as_somebody_new(calls, one):
    erase = Call(9, "z-erase", (one,), "erase", reason="asked for it")
    back = Call(10, "z-back", (one,))
    people = resolve([*calls, erase, back], KINDS)
    if people.who(one) is not None:  # a shared device owns nobody, before and after
        assert people.founded[people.who(one)] == len(people.calls) - 1
        assert frozenset([one]) in people.groups()
        assert people.who(one, 9) is None


@pytest.mark.parametrize("says", RARE)
def test_a_call_that_takes_back_without_anything_to_take_back_changes_nothing(says):
    calls = [Call(1, "m1", (("user", "a"), ("device", "a")))]
    rare = Call(2, "m2", (("user", "zz"),), says, of="none")
    assert resolve([*calls, rare], KINDS).groups() == resolve(calls, KINDS).groups() == [frozenset({("user", "a"), ("device", "a")})]


def test_what_cannot_be_used_is_noted_and_the_call_kept():
    calls = [Call(1, "m1", (("user", "a"), ("badge", "7"), ("device", "unknown")))]
    people = resolve(calls, replace(KINDS, blocked=frozenset({"unknown"})))
    assert people.groups() == [frozenset({("user", "a")})]
    assert [(row.id, row.why.value, row.calls) for row in people.left_out()] == [
        (("badge", "7"), "undeclared", 1),
        (("device", "unknown"), "blocked", 1),
    ]
