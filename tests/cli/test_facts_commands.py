"""events, person and undo: what they print is what the library tells, in JSON and for people."""

from __future__ import annotations

import pytest


def test_events_lists_events_and_properties(tilth, shop) -> None:
    ran = tilth("-w", shop, "events", "--json").json
    assert [(one["event"], one["rows"], one["people"]) for one in ran["events"]] == [("view", 5, 4), ("pay", 3, 3), ("cart", 2, 2)]
    assert "view" in tilth("-w", shop, "events").out
    properties = {one["name"]: one for one in tilth("-w", shop, "events", "pay", "--json").json["properties"]}
    assert properties["value"]["examples"] == [["80", 1], ["5", 1], ["120", 1]]
    assert properties["channel"]["filled"] == 1
    assert "douyin" in tilth("-w", shop, "events", "pay").out
    assert tilth("-w", shop, "events", "--table", "orders", "--json").json["properties"][0]["filled"] == 0


@pytest.mark.parametrize(("args", "code", "says"), [(["events", "pai"], 1, "'pay'"), (["events", "pay", "--table", "orders"], 2, "--table")])
def test_events_that_are_not_there(tilth, shop, args, code, says) -> None:
    ran = tilth("-w", shop, *args)
    assert ran.code == code
    assert says in ran.err


def test_a_person_and_what_they_did(tilth, shop) -> None:
    ran = tilth("-w", shop, "person", "a", "--json").json
    assert (ran["id"], ran["known"], ran["figures"]["events"]) == ("a", False, 3)
    assert [moment["name"] for moment in ran["moments"]] == ["pay", "cart", "view"]
    assert ran["next"] is None
    first = tilth("-w", shop, "person", "a", "--limit", 2, "--json").json
    assert [moment["name"] for moment in first["moments"]] == ["pay", "cart"]
    rest = tilth("-w", shop, "person", "a", "--before", first["next"])
    assert [line.split()[2] for line in rest.out.splitlines()] == ["view"]
    printed = tilth("-w", shop, "person", "a", "--only", "pay").out.splitlines()
    assert printed[-1] == "2025-01-02 08:00  pay  channel=douyin  value=120"
    assert tilth("-w", shop, "person", "nobody").code == 1


def test_a_load_is_undone(tilth, shop) -> None:
    loads = tilth("-w", shop, "undo", "--json").json["loads"]
    assert [(one["source"], one["accepted"]) for one in loads] == [("events.csv", 9), ("bad.csv", 1)]
    done = tilth("-w", shop, "undo", loads[1]["load"], "--json").json
    assert (done["load"], done["rows"]) == (loads[1]["load"], 1)
    assert tilth("-w", shop, "person", "e").code == 1
    assert tilth("-w", shop, "undo").out.splitlines()[1].endswith("(undone)")
    again = tilth("-w", shop, "undo", loads[1]["load"])
    assert again.code == 1
    assert "was undone" in again.err
