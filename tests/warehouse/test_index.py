"""The life of a workspace's index: it is always the events as they are now, whatever happened to the tables, and whoever dies while making it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pyarrow as pa
import pytest
from tests.warehouse.shop import DAY, MAPPING, row, stored, write

from tilth.engine.index import layout
from tilth.engine.index.layout import Index
from tilth.warehouse import index
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace

LINKS = Mapping("identities", {"person": Field("person"), "kind": Field("kind"), "value": Field("value"), "time": Field("ts", "unix_s")})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "shop")
    workspace.load(write(tmp_path / "1.csv", [*(row(n, step=DAY // 10) for n in range(200)), ("", "", "", "")]), MAPPING)
    return workspace


def loaded(workspace: Workspace, name: str, rows: list[tuple[str, ...]]) -> str:
    return workspace.load(write(workspace.root.parent / name, rows), MAPPING).id


def linked(workspace: Workspace, name: str, pairs: list[tuple[str, str]]) -> str:
    rows = [(person, "device", value, "1730000000") for person, value in pairs]
    return workspace.load(write(workspace.root.parent / name, rows, header=("person", "kind", "value", "ts")), LINKS).id


def told(opened: Index) -> dict[str, list[tuple[int, str]]]:
    """What the index says: time and event of everybody."""
    names, out = opened.names.to_pylist(), {}
    for p, person in enumerate(opened.directory.ids.to_pylist()):
        places = range(opened.offsets[p], opened.offsets[p + 1])
        if places:
            out[person] = [(int(opened.times[i]), names[opened.events[i]]) for i in places]
    return out


def truth(workspace: Workspace, same: dict[str, str] | None = None) -> dict[str, list[tuple[int, str]]]:
    """What the table says, by sorting it."""
    rows = sorted(stored(workspace).select(["person", "time", "event", "seq"]).to_pylist(), key=lambda one: (one["time"], one["seq"]))
    out: dict[str, list[tuple[int, str]]] = {}
    for one in rows:
        person = (same or {}).get(one["person"], one["person"])
        out.setdefault(person, []).append((round(one["time"].timestamp() * 1_000_000), one["event"]))
    return out


def test_it_is_made_once_and_opened_after(workspace: Workspace) -> None:
    assert index.status(workspace).state == "none"
    opened = index.opened(workspace)
    assert told(opened) == truth(workspace)
    made = (opened.folder / "times").stat().st_ino
    assert (index.opened(workspace).folder / "times").stat().st_ino == made
    state = index.status(workspace)
    assert (state.state, state.events, state.people, state.behind) == ("current", 200, 7, 0)
    assert index.drop(workspace) > 200 * 13
    assert index.status(workspace).state == "none"


def test_a_question_sees_what_was_just_committed_and_an_older_one_goes_on(workspace: Workspace) -> None:
    before = workspace.events()
    counted = before.funnel(["view", "buy"]).frame["people"].tolist()
    loaded(workspace, "2.csv", [("newcomer", "1730000100", "view", "x"), ("newcomer", "1730000200", "buy", "x"), ("u1", "1730000000", "buy", "x")])
    assert index.status(workspace).state == "behind"
    assert index.status(workspace).behind == 3
    now = workspace.events()
    assert now.funnel(["view", "buy"]).frame["people"].tolist() == [counted[0] + 1, counted[1] + 1]
    assert told(index.opened(workspace)) == truth(workspace)
    assert before.funnel(["view", "buy"]).frame["people"].tolist() == counted
    assert len(before) == 200


def test_what_is_new_is_folded_in_and_not_read_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    index.opened(workspace)
    monkeypatch.setattr(index, "build", lambda *given: pytest.fail("it was made anew"))
    for k in range(3):
        loaded(workspace, f"more{k}.csv", [row(n, step=DAY // 7) for n in range(300 + 10 * k, 310 + 10 * k)])
        if k == 1:
            workspace.compact()
        assert told(index.opened(workspace)) == truth(workspace)
    version = index.status(workspace)
    workspace.compact()  # other files, the same rows
    assert told(index.opened(workspace)) == truth(workspace)
    assert index.status(workspace).events == version.events == 230


def test_an_undone_load_leaves_it(workspace: Workspace) -> None:
    load = loaded(workspace, "2.csv", [("gone", "1730000100", "view", "x")])
    assert "gone" in told(index.opened(workspace))
    workspace.undo(load)
    assert told(index.opened(workspace)) == truth(workspace)
    assert "gone" not in told(index.opened(workspace))


def test_people_who_turn_out_to_be_one_are_joined_and_parted_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(index.opened(workspace).directory) == 7
    same = {"u1": "u0", "u2": "u0"}
    with monkeypatch.context() as patch:
        patch.setattr(index, "build", lambda *given: pytest.fail("it was made anew"))
        load = linked(workspace, "who.csv", [("u0", "u1"), ("u0", "u2"), ("u9", "elsewhere")])
        assert told(index.opened(workspace)) == truth(workspace, same)
        loaded(workspace, "2.csv", [("u1", "1730000100", "view", "x"), ("elsewhere", "1730000100", "view", "x")])
        assert told(index.opened(workspace)) == truth(workspace, same | {"elsewhere": "u9"})
    workspace.undo(load)
    assert told(index.opened(workspace)) == truth(workspace)


def test_an_older_version_is_asked_of_the_people_whom_ids_stood_for_then(workspace: Workspace) -> None:
    before, bare = workspace.events(), workspace.table_version("events")
    counted = before.funnel(["view", "buy"]).frame
    linked(workspace, "who.csv", [("u0", "u1")])
    loaded(workspace, "2.csv", [("u1", "1730000100", "view", "x"), ("newcomer", "1730000200", "view", "x")])
    joined, later = workspace.table_version("events"), workspace.events()
    linked(workspace, "more.csv", [("u0", "u2")])
    assert len(workspace.events().people()) == 6  # u0, u1 and u2 are one, newcomer came
    assert workspace.events(bare).funnel(["view", "buy"]).frame.equals(counted)
    assert (len(workspace.events(bare)), len(workspace.events(bare).people())) == (200, 7)
    loaded(workspace, "3.csv", [("late", "1730000300", "view", "x")])
    assert workspace.events(joined).people() == later.people()
    assert len(workspace.events(joined)) == 202
    assert told(index.opened(workspace)) == truth(workspace, {"u1": "u0", "u2": "u0"})  # an older one is nobody's start


def test_a_property_is_read_when_it_is_first_asked_for_and_kept(workspace: Workspace) -> None:
    split = workspace.events().funnel(["view"], by="page").frame
    assert index.status(workspace).columns == 1
    assert split["people"].sum() == 7
    loaded(workspace, "2.csv", [("u1", "1000000000", "view", "earliest")])
    again = workspace.events().funnel(["view"], by="page").frame.set_index("page")["people"]
    assert again["earliest"] == 1  # u1's first view now


def test_without_a_place_to_write_questions_are_answered_all_the_same(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = workspace.events().funnel(["view", "buy"]).frame
    index.drop(workspace)
    monkeypatch.setattr(layout.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert workspace.events().funnel(["view", "buy"]).frame.equals(expected)
    assert index.status(workspace).state == "none"
    assert [one.name for one in (workspace.root / "cache" / "index").iterdir()] == [".lock"]


def test_an_empty_workspace(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "bare")
    opened = index.opened(workspace)
    assert (opened.about.events, len(opened.directory)) == (0, 0)
    loaded(workspace, "1.csv", [("ann", "1730000100", "view", "x")])
    assert told(index.opened(workspace)) == truth(workspace)


def _make(root: Path, started: object) -> None:
    def slow(done: int, total: int) -> None:
        started.set()  # type: ignore[attr-defined]
        time.sleep(30)

    index.opened(Workspace.open(root), slow)


def test_a_process_that_is_killed_while_making_it_leaves_nothing_that_counts(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=_make, args=(workspace.root, started))
    process.start()
    assert started.wait(60)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert index.status(workspace).state == "none"
    assert told(index.opened(workspace)) == truth(workspace)
    left = [one for one in (workspace.root / "cache" / "index").iterdir() if one.name.startswith(".") and one.is_dir()]
    for one in left:
        os.utime(one, (0, 0))
    loaded(workspace, "2.csv", [("ann", "1730000100", "view", "x")])
    index.opened(workspace)
    assert left
    assert not any(one.exists() for one in left)


def _count(root: Path, go: object, answers: object) -> None:
    go.wait()  # type: ignore[attr-defined]
    answers.put(int(Workspace.open(root).events().funnel(["view", "buy"]).frame["people"].iloc[0]))  # type: ignore[attr-defined]


def test_processes_that_need_it_at_once_make_it_once(workspace: Workspace) -> None:
    context = multiprocessing.get_context("spawn")
    go, answers = context.Event(), context.Queue()
    processes = [context.Process(target=_count, args=(workspace.root, go, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    go.set()
    assert [answers.get(timeout=120) for _ in processes] == [7, 7, 7]
    for process in processes:
        process.join()
    assert len([one for one in (workspace.root / "cache" / "index").iterdir() if one.is_dir()]) == 1


def test_ids_with_and_without_links_agree_with_the_register_of_people(workspace: Workspace) -> None:
    """Questions about behaviour and lists of people count the same people."""
    linked(workspace, "who.csv", [("u0", "u1"), ("u5", "u6"), ("u3", "u6")])  # u6 is shared, and stands for itself
    seen = set(workspace.events().people())
    listed = workspace.people_page(limit=100).frame
    assert seen == set(listed.loc[listed["events"] > 0, "person"])
    assert seen == {"u0", "u2", "u3", "u4", "u5", "u6"}
    assert pa.types.is_string(index.opened(workspace).directory.ids.type)
