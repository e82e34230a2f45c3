"""A segment holds whom it was given, each once, from when they entered until they left, whatever is tried twice or at once."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.engine.people import PersonSet
from tilth.errors import InputError
from tilth.warehouse import memberships
from tilth.warehouse.workspace import Workspace

START = datetime(2025, 1, 31, 15, tzinfo=UTC)  # 23:00 in Shanghai, an hour before February


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def test_people_enter_and_leave(workspace: Workspace) -> None:
    assert memberships.enter(workspace, "vip", ["ann", "bob", "ann"], day(0), key="1").entered == 2
    assert memberships.enter(workspace, "vip", PersonSet.of(["bob", "cy"]), day(1), key="2").entered == 1
    change = memberships.leave(workspace, "vip", ["ann", "dan"], day(2), key="3")
    assert (change.entered, change.left, change.already) == (0, 1, False)
    assert sorted(memberships.members(workspace, "vip")) == ["bob", "cy"]
    assert sorted(memberships.members(workspace, "vip", day(0))) == ["ann", "bob"]
    assert sorted(memberships.members(workspace, "vip", day(2) - timedelta(microseconds=1))) == ["ann", "bob", "cy"]
    assert sorted(memberships.members(workspace, "vip", day(2))) == ["bob", "cy"]
    assert len(memberships.members(workspace, "vip", day(-1))) == len(memberships.members(workspace, "other")) == 0
    [row] = memberships.sizes(workspace).to_dict("records")
    assert (row["name"], row["members"], row["ever"]) == ("vip", 2, 3)
    assert (row["first"], row["changed"]) == (day(0), day(2))
    spans = memberships.spans(workspace, "vip", ["ann"])
    assert spans[["person", "time", "until"]].values.tolist() == [["ann", day(0), day(2)]]


def test_the_same_key_does_nothing_the_second_time(workspace: Workspace) -> None:
    first = memberships.enter(workspace, "vip", ["ann"], day(0), key="once")
    memberships.leave(workspace, "vip", ["ann"], day(1), key="out")
    again = memberships.enter(workspace, "vip", ["ann", "bob"], day(2), key="once")
    assert again.already
    assert (again.entered, again.version) == (0, first.version + 1)
    assert len(memberships.members(workspace, "vip")) == 0


def test_a_segment_becomes_what_its_rule_gives(workspace: Workspace) -> None:
    memberships.enter(workspace, "vip", ["ann", "bob"], day(0), key="1")
    memberships.enter(workspace, "new", ["ann"], day(0), key="2")
    change = memberships.replace(workspace, "vip", ["bob", "cy", "dan"], day(1), key="3")
    assert (change.entered, change.left) == (2, 1)
    assert memberships.replace(workspace, "vip", ["bob", "cy", "dan"], day(2), key="4").entered == 0
    assert memberships.delete(workspace, "vip", day(3), key="5").left == 3
    assert memberships.sizes(workspace).set_index("name")["members"].to_dict() == {"vip": 0, "new": 1}
    assert sorted(memberships.members(workspace, "vip", day(2))) == ["bob", "cy", "dan"]


def test_nobody_enters_before_they_left_or_leaves_before_they_entered(workspace: Workspace) -> None:
    memberships.enter(workspace, "vip", ["ann"], day(5), key="1")
    memberships.leave(workspace, "vip", ["ann"], day(3), key="2")
    memberships.enter(workspace, "vip", ["ann"], day(4), key="3")
    memberships.leave(workspace, "vip", ["ann"], day(6), key="4")
    spans = memberships.spans(workspace)
    assert spans[["time", "until"]].values.tolist() == [[day(5), day(6)]]  # the first stay took no time and became the second


def test_a_change_without_a_name_or_key_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        memberships.enter(workspace, " ", ["ann"], key="1")
    with pytest.raises(InputError):
        memberships.enter(workspace, "vip", ["ann"], key="")


def test_compaction_and_the_past_change_nothing(workspace: Workspace) -> None:
    for number in range(6):
        memberships.replace(workspace, "vip", [f"u{one}" for one in range(number, number + 4)], day(number * 20), key=str(number))
    before = [sorted(memberships.members(workspace, "vip", day(number * 20))) for number in range(6)]
    version = workspace.table_version("memberships")
    spans = memberships.spans(workspace)
    workspace.compact()
    assert workspace.table_version("memberships") > version
    assert [sorted(memberships.members(workspace, "vip", day(number * 20))) for number in range(6)] == before
    assert memberships.spans(workspace).equals(spans)


ACTS = st.lists(
    st.tuples(st.sampled_from(["enter", "leave", "replace"]), st.sampled_from(["vip", "new"]), st.sets(st.integers(0, 5)), st.integers(0, 3)),
    max_size=8,
)


@settings(max_examples=25)
@given(ACTS)
def test_any_history_is_what_sets_in_python_say(tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, set[int], int]]) -> None:
    workspace = Workspace.create(tmp_path_factory.mktemp("shop") / "shop")
    inside: dict[str, set[str]] = {"vip": set(), "new": set()}
    now, past = 0, []
    for number, (act, name, people, wait) in enumerate(acts):
        now += wait
        ids = {f"u{one}" for one in people}
        getattr(memberships, act)(workspace, name, ids, day(now), key=str(number))
        inside[name] = {"enter": inside[name] | ids, "leave": inside[name] - ids, "replace": ids}[act]
        past = [entry for entry in past if entry[0] != now] + [(now, {name: set(them) for name, them in inside.items()})]
    for then, held in past:
        assert {name: set(memberships.members(workspace, name, day(then))) for name in inside} == held
    assert {name: set(memberships.members(workspace, name)) for name in inside} == inside


def crowd(root: Path, part: int) -> None:
    workspace = Workspace.open(root)
    for number in range(6):
        memberships.enter(workspace, "vip", [f"u{one}" for one in range(number * 10, number * 10 + 20)], day(number), key=f"shared-{number}")
        memberships.enter(workspace, "vip", ["everybody", f"of-{part}-{number}"], day(number), key=f"{part}-{number}")


def test_several_processes_at_once_let_nobody_in_twice(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=crowd, args=(workspace.root, part)) for part in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    people = workspace.relation("memberships").project("person, until").fetchall()
    assert sorted(person for person, _until in people) == sorted(
        [*(f"u{one}" for one in range(70)), "everybody", *(f"of-{part}-{number}" for part in range(3) for number in range(6))]
    )
    assert not list((workspace.root / "running").glob("*"))
