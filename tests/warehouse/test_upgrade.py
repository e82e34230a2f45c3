"""A workspace that an older version stored is brought to today's schema, step by step, with its rows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.warehouse.shop import MAPPING, row, stored, write

from tilth.language import using
from tilth.warehouse import schema, upgrade
from tilth.warehouse.loading.mapping import Field, Mapping
from tilth.warehouse.workspace import Workspace, WorkspaceError, read_settings, write_settings


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    """A workspace as this version stores it; the tests then let the schema grow."""
    workspace = Workspace.create(tmp_path / "shop")
    workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), MAPPING)
    return workspace


def add_to_events(root: Path) -> None:
    upgrade.add_columns(Workspace(root, read_settings(root)).table("events"))


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch, old: Workspace) -> None:
    """The next version of the schema: events have a device and a depth."""
    events = schema.TABLES["events"]
    more = (schema.Column("device", schema.TEXT, "Device"), schema.Column("depth", schema.MONEY, "Depth of the visit"))
    monkeypatch.setitem(schema.TABLES, "events", replace(events, columns=(*events.columns, *more)))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setitem(upgrade.STEPS, schema.VERSION, add_to_events)


@pytest.mark.usefixtures("grown")
def test_an_older_workspace_is_upgraded_with_its_rows(tmp_path: Path, old: Workspace) -> None:
    with using("en"), pytest.raises(WorkspaceError, match="older format"):
        Workspace.open(old.root)
    assert upgrade.upgrade(old.root) == [schema.VERSION]
    workspace = Workspace.open(old.root)
    rows = stored(workspace)
    assert rows.column("page").to_pylist() == [f"p{n}" for n in range(10)]
    assert rows.column("device").to_pylist() == [None] * 10
    mapping = Mapping("events", {**MAPPING.fields, "device": Field("page"), "depth": Field(constant="2.5", kind="number")})
    assert workspace.load(write(tmp_path / "b.csv", [row(n) for n in range(10, 15)]), mapping).accepted == 5
    relation = workspace.relation("events")
    assert relation.order("seq").project("device, depth").fetchall()[9:11] == [(None, None), ("p10", 2.5)]
    workspace.compact()
    assert stored(workspace).column("device").to_pylist() == [None] * 10 + [f"p{n}" for n in range(10, 15)]
    assert workspace.load(tmp_path / "a.csv", MAPPING).already
    assert upgrade.upgrade(old.root) == []


@pytest.mark.usefixtures("grown")
def test_a_step_that_was_interrupted_is_taken_again(monkeypatch: pytest.MonkeyPatch, old: Workspace) -> None:
    def interrupted(root: Path) -> None:
        add_to_events(root)
        raise KeyboardInterrupt

    monkeypatch.setitem(upgrade.STEPS, schema.VERSION, interrupted)
    with pytest.raises(KeyboardInterrupt):
        upgrade.upgrade(old.root)
    assert read_settings(old.root)["version"] == schema.VERSION - 1
    monkeypatch.setitem(upgrade.STEPS, schema.VERSION, add_to_events)
    assert upgrade.upgrade(old.root) == [schema.VERSION]
    assert stored(Workspace.open(old.root)).num_rows == 10


@pytest.mark.usefixtures("grown")
def test_tables_that_were_never_written_need_nothing(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "new")
    write_settings(workspace.root, {**read_settings(workspace.root), "version": schema.VERSION - 1})
    assert upgrade.upgrade(workspace.root) == [schema.VERSION]
    assert Workspace.open(workspace.root).status()["version"].tolist() == [-1] * len(schema.TABLES)


def test_a_newer_workspace_is_refused(old: Workspace) -> None:
    write_settings(old.root, {**read_settings(old.root), "version": schema.VERSION + 1})
    for attempt in (partial(Workspace.open, old.root), partial(upgrade.upgrade, old.root)):
        with using("en"), pytest.raises(WorkspaceError, match="newer Tilth"):
            attempt()


def test_a_gap_in_the_steps_is_told(monkeypatch: pytest.MonkeyPatch, old: Workspace) -> None:
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 2)
    with using("en"), pytest.raises(WorkspaceError, match="no way from format"):
        upgrade.upgrade(old.root)


def test_every_version_has_a_step() -> None:
    assert sorted(upgrade.STEPS) == list(range(2, schema.VERSION + 1))


def test_a_column_that_must_not_be_empty_needs_a_step_of_its_own(monkeypatch: pytest.MonkeyPatch, old: Workspace) -> None:
    events = schema.TABLES["events"]
    monkeypatch.setitem(schema.TABLES, "events", replace(events, columns=(*events.columns, schema.Column("device", schema.TEXT, "", required=True))))
    with pytest.raises(ValueError, match="device must not be empty"):
        upgrade.add_columns(old.table("events"))
