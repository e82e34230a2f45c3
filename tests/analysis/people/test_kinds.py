"""How ids are read: forms from the standards they follow (E.164; LIVE's list of values that are nobody's)."""

from __future__ import annotations

import json

import pytest

from tilth.analysis.people.kinds import Kind, Kinds, Left, text
from tilth.errors import InputError

KINDS = Kinds()


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+1 650-253-0000", "+16502530000"),
        ("+852 2123 4567", "+85221234567"),
        ("0571-88157838", "+8657188157838"),
    ],
)
def test_a_phone_is_written_as_e164(written, number):
    assert KINDS.read("phone", written) == ("phone", number)


@pytest.mark.parametrize("written", ["138****8000", "12", "not a phone", "+", "13800138000 ext. 5 or so"])
def test_what_is_no_phone_links_nobody(written):
    assert KINDS.read("phone", written) is Left.UNREADABLE


@pytest.mark.parametrize(
    "value", ["", "  ", "null", "NULL", "undefined", "None", "0", "-1", "unknown", "Test", "000000", "00000000-0000-0000-0000-000000000000"]
)
def test_values_that_are_nobodys_are_blocked_from_the_start(value):
    for name in ("user", "member", "openid:wx1", "device", "anonymous", "email", "phone"):
        assert KINDS.read(name, value) is Left.BLOCKED


@pytest.mark.parametrize("value", ["10", "a0", "0x1", "nullius", "100-000"])
def test_values_that_look_like_them_are_not(value):
    assert KINDS.read("user", value) == ("user", value)


def test_case_is_kept_where_it_matters_and_not_where_it_does_not():
    assert KINDS.read("user", " Li ") == ("user", "Li")
    assert KINDS.read("openid:wx1", "oABC") == ("openid:wx1", "oABC")
    assert KINDS.read("email", " Li@Example.COM ") == ("email", "li@example.com")
    assert KINDS.read("email", "l***@example.com") is Left.UNREADABLE


@pytest.mark.parametrize("name", ["badge", "openid", "openid:", "user:a", ""])
def test_an_undeclared_kind_is_said_to_be_one(name):
    assert KINDS.read(name, "x") is Left.UNDECLARED


def test_ranks_are_those_of_the_rules():
    names = ["user", "member", "unionid", "openid:a", "phone", "email", "device", "anonymous"]
    assert sorted(names, key=KINDS.rank) == names
    assert KINDS.rank("openid:a") == KINDS.rank("openid:b")
    assert [name for name in names if KINDS.of(name).one_per_person] == ["user", "member", "unionid"]
    assert KINDS.logins == 5


def test_a_workspaces_own_kinds_survive_json():
    own = Kinds((Kind("badge", one_per_person=True), *KINDS.kinds[::-1]), frozenset({"4008001234"}), logins=3, region="SG")
    assert Kinds.from_dict(json.loads(json.dumps(own.as_dict()))) == own
    assert own.read("user", "4008001234") is Left.BLOCKED
    assert Kinds.from_dict({}) == KINDS


def test_an_ids_text():
    assert (text("user", "li"), text("openid:wx1", "o"), text("device", "x")) == ("li", "openid:wx1:o", "device:x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": [{"name": "a:b"}]},
        {"kinds": [{"name": "a"}, {"name": "a"}]},
        {"kinds": [{"name": "a", "limit": 0}]},
        {"kinds": [{"name": "a", "one_per_person": True, "limit": 3}]},
        {"kinds": [{"name": "a", "lent": True, "passes": True}]},
        {"kinds": [{"name": "a", "form": "colour"}]},
        {"kinds": [{"name": "a", "colour": 1}]},
        {"logins": 0},
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(InputError):
        Kinds.from_dict(wrong)
