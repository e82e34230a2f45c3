"""What a person's page and the lists for operators say, worked out by hand from rule 8."""

from __future__ import annotations

from tests.analysis.people.scenarios import KINDS, LOGINS, Story

from tilth.analysis.people.identity import resolve
from tilth.analysis.people.kinds import Left
from tilth.analysis.people.people import People
from tilth.analysis.people.records import Rule

LI, WANG = ("user", "li"), ("user", "wang")


def told(said: str) -> People:
    return resolve(Story("", said, "").told(), KINDS)


def test_a_page_shows_which_ids_which_call_when_and_which_rule():
    people = told("1 a:c\n2 identify u:li a:c p:1\n5 bind u:wang p:1 d:x\n6 unbind u:li a:c")
    rows = [(r.id[0], r.number, r.since, r.until, r.message, r.together, r.rule, r.ended) for r in people.explain(people.who(LI))]
    assert rows == [
        ("anonymous", 0, 1, 6, "m00", (), Rule.FIRST, Rule.UNBOUND),
        ("user", 0, 2, None, "m01", (("anonymous", "c"), ("phone", "1")), Rule.TOGETHER, None),
        ("phone", 0, 2, 5, "m01", (LI, ("anonymous", "c")), Rule.TOGETHER, Rule.PASSED),
    ]
    rows = [(r.id[0], r.since, r.until, r.message, r.rule) for r in people.explain(people.who(WANG))]
    assert rows == [
        ("user", 5, None, "m02", Rule.FIRST),
        ("phone", 5, None, "m02", Rule.PASSED),
        ("device", 5, None, "m02", Rule.JOINED),
    ]


def test_a_page_shows_who_was_found_to_be_this_person():
    people = told("1 a:c\n2 u:li\n3 u:wang\n4 identify u:li a:c\n5 merge u:li u:wang")
    assert people.merged(0) == [(1, 0, 4, "m03", Rule.TOGETHER), (2, 0, 5, "m04", Rule.MERGE)]
    assert people.leading().tolist() == [0, 0, 0]
    assert people.leading(3).tolist()[1] == 1


def test_a_merge_that_was_undone_is_on_no_page():
    assert told("1 u:li\n2 u:wang\n3 merge #x u:li u:wang\n4 undo of=x").merged(0) == []


def test_a_conflict_is_one_row_however_often_it_happens():
    people = told("1 u:li d:x\n2 u:wang d:x\n4 u:wang d:x\n9 u:wang d:x")
    assert people.conflicts() == [(("device", "x"), 0, 1, 3, 2, 9)]


def test_a_conflict_between_people_who_were_merged_afterwards_is_settled():
    people = told("1 u:li d:x\n2 u:wang d:x\n4 merge u:li u:wang")
    assert people.conflicts() == []


def test_a_phone_that_changed_hands():
    assert told("1 bind u:li p:1\n5 bind u:wang p:1").passed() == [(("phone", "1"), 0, 1, 5, "m01")]


def test_a_shared_device_and_whose_it_had_been():
    assert told(LOGINS + "\n6 u:6 d:tablet").shared() == [(("device", "tablet"), 6, "m05", (0,))]


def test_what_was_left_out_and_why():
    rows = told("1 u:li e:1 e:2\n2 u:li e:3 z:7\n4 u:li e:3 d:0").left_out()
    assert sorted((r.id[0], r.why, r.calls, r.first, r.last) for r in rows) == [
        ("badge", Left.UNDECLARED, 1, 2, 2),
        ("device", Left.BLOCKED, 1, 4, 4),
        ("email", Left.LIMIT, 2, 2, 4),
    ]
