"""Who an id stands for follows from its links; the register is made anew when the facts change, whoever reads or makes it at the same time."""

from __future__ import annotations

import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from tests.warehouse.shop import FIRST, MAPPING, row, write

from tilth.warehouse import persons
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.persons import register
from tilth.warehouse.workspace import Workspace

LINKS = Mapping(
    "identities",
    {"person": Field("person"), "time": Field("time", "unix_s"), "until": Field("until", "unix_s"), "kind": Field("kind"), "value": Field("value")},
)
PROFILES = Mapping("people", {"person": Field("person"), "time": Field("time", "unix_s"), "name": Field("name"), "city": Field("city")})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def link(workspace: Workspace, folder: Path, *links: tuple[str, str, str]) -> None:
    """Link values to persons; the third is when the link ended."""
    rows = [(person, str(FIRST), until, "device", value) for value, person, until in links]
    path = write(folder / f"links-{len(workspace.loads())}.csv", rows, header=("person", "time", "until", "kind", "value"))
    workspace.load(path, LINKS)


def test_links_are_followed_to_their_end_shared_ended_and_circular_ones_are_not(tmp_path: Path, workspace: Workspace) -> None:
    link(
        workspace,
        tmp_path,
        ("phone", "card", ""),
        ("card", "user", ""),
        ("user", "user", ""),
        ("tablet", "user", ""),
        ("tablet", "other", ""),
        ("old", "user", str(FIRST + 60)),
        ("left", "right", ""),
        ("right", "left", ""),
        ("kiosk", "card", ""),
        ("kiosk", "other", ""),
    )
    expected = {"phone": "user", "card": "user", "user": "user", "tablet": "tablet", "old": "old", "left": "left", "right": "right", "kiosk": "kiosk"}
    assert {id: next(iter(persons.resolve(workspace, [id]))) for id in expected} == expected
    assert set(persons.every_id(workspace, ["phone"])) == {"phone", "card", "user"}
    ids = {one.value: one for one in workspace.person("user").ids}
    assert {value: one.shared for value, one in ids.items()} == {
        "phone": False, "card": False, "user": False, "tablet": True, "old": False, "kiosk": True,
    }  # fmt: skip
    assert ids["old"].until == datetime.fromtimestamp(FIRST + 60, UTC)


def test_the_latest_profile_holds_and_people_who_became_one_have_one(tmp_path: Path, workspace: Workspace) -> None:
    rows = [("u1", FIRST, "安", "上海"), ("d9", FIRST + 60, "", "杭州"), ("u1", FIRST + 120, "安娜", ""), ("u2", FIRST, "波", "成都")]
    workspace.load(write(tmp_path / "people.csv", rows, header=("person", "time", "name", "city", "vip")[:4]), PROFILES)
    workspace.load(write(tmp_path / "events.csv", [("d9", FIRST + 5, "view", ""), ("u1", FIRST + 9, "buy", "")]), MAPPING)
    assert workspace.people_page().total == 3
    link(workspace, tmp_path, ("d9", "u1", ""))
    page = workspace.people_page(sort="events")
    assert page.frame["person"].tolist() == ["u1", "u2"]
    [first, _second] = page.frame.to_dict("records")
    assert (first["name"], pd.isna(first["city"]), first["events"]) == ("安娜", True, 2)
    assert first["registered"] == datetime.fromtimestamp(FIRST, UTC)


def test_properties_of_profiles_can_be_shown_filtered_and_sorted_by(tmp_path: Path, workspace: Workspace) -> None:
    rows = [(f"u{n}", FIRST, "", "", "abc"[n], str(10 - n), n) for n in range(3)]
    workspace.load(write(tmp_path / "people.csv", rows, header=("person", "time", "name", "city", "level", "points", "events")), PROFILES)
    page = workspace.people_page(persons.PeopleFilter(where=(persons.Where("points", "between", (9, None)),)), sort="level")
    assert page.frame[["person", "level", "properties.events", "events"]].values.tolist() == [["u1", "b", "1", 0], ["u0", "a", "0", 0]]
    assert persons.values(workspace, "level") == [("a", 1), ("b", 1), ("c", 1)]


def test_nobody_yet(workspace: Workspace) -> None:
    page = workspace.people_page(persons.PeopleFilter(did=(persons.Did("pay", days=7),)))
    assert page.total == 0
    assert page.frame.empty
    assert not page.frame.columns.empty
    with pytest.raises(persons.UnknownPerson):
        workspace.person("u1")
    assert workspace.timeline("u1").moments == ()


def test_a_new_load_shows_at_once_and_old_registers_are_removed(tmp_path: Path, workspace: Workspace) -> None:
    folder = workspace.root / "cache" / "people"
    for number in range(4):
        workspace.load(write(tmp_path / f"{number}.csv", [row(n) for n in range(number * 10, number * 10 + 10)]), MAPPING)
        assert workspace.people_page().frame["events"].sum() == (number + 1) * 10
    assert len(list(folder.iterdir())) == 4  # somebody may still be reading them
    for one in folder.iterdir():
        os.utime(one, (0, 0))
    workspace.load(write(tmp_path / "last.csv", [row(99)]), MAPPING)
    assert workspace.people_page().frame["events"].sum() == 41
    assert len(list(folder.iterdir())) == 1


def test_a_register_removed_while_it_is_opened_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workspace: Workspace) -> None:
    import shutil

    workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), MAPPING)
    read, taken = register._read, []

    def disturbed(workspace: Workspace, folder: Path) -> register.Register:
        if not taken:
            taken.append(folder)
            shutil.rmtree(folder)
        return read(workspace, folder)

    monkeypatch.setattr(register, "_read", disturbed)
    assert workspace.people_page().frame["events"].sum() == 10
    assert taken


def look(root: Path) -> None:
    workspace = Workspace.open(root)
    for _round in range(20):
        page = workspace.people_page()
        assert page.frame["events"].sum() % 10 == 0  # whole loads only
        assert page.total > 0


def test_several_processes_read_and_make_it_while_loads_go_on(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "first.csv", [row(n) for n in range(10)]), MAPPING)
    context = multiprocessing.get_context("spawn")
    readers = [context.Process(target=look, args=(workspace.root,)) for _reader in range(2)]
    for reader in readers:
        reader.start()
    number = 1
    while any(reader.is_alive() for reader in readers):
        workspace.load(write(tmp_path / f"{number}.csv", [row(n) for n in range(number * 10, number * 10 + 10)]), MAPPING)
        number += 1
    assert [reader.exitcode for reader in readers] == [0, 0]
    made = [one.name for one in (workspace.root / "cache" / "people").iterdir()]
    assert len(made) > 1
    assert not [name for name in made if name.startswith(".")]
