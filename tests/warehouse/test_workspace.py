"""A workspace keeps its settings, says what is wrong with a folder, and gives its tables to questions."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.warehouse.shop import DAY, FIRST, MAPPING, row, stored, write

from tilth.errors import UnknownName
from tilth.language import using
from tilth.warehouse import schema
from tilth.warehouse.workspace import FILE, Workspace, WorkspaceError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


def test_settings_come_back(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "a", tz="Europe/Berlin", currency="eur", week_start="sunday")
    opened = Workspace.open(tmp_path / "a")
    assert (opened.tz, opened.currency, opened.week_start, opened.version) == ("Europe/Berlin", "EUR", "sunday", schema.VERSION)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"tz": "Asia/Shanghia"}, "no time zone 'Asia/Shanghia'"),
        ({"currency": "yuan"}, "'YUAN' is no currency code"),
        ({"week_start": "mondey"}, "Did you mean 'monday'?"),
    ],
)
def test_wrong_settings_are_refused_and_make_nothing(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    with using("en"), pytest.raises(WorkspaceError, match=told):
        Workspace.create(tmp_path / "a", **settings)
    assert not (tmp_path / "a").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path, workspace: Workspace) -> None:
    with using("en"), pytest.raises(WorkspaceError, match="already"):
        Workspace.create(workspace.root)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"")
    with using("en"), pytest.raises(WorkspaceError, match="empty folder"):
        Workspace.create(tmp_path / "photos")


def test_what_is_no_workspace_says_so(tmp_path: Path, workspace: Workspace) -> None:
    with using("en"), pytest.raises(WorkspaceError, match="tilth init"):
        Workspace.open(tmp_path)
    (workspace.root / FILE).write_text("version = ", "utf-8")
    with using("en"), pytest.raises(WorkspaceError, match=r"workspace\.toml is damaged"):
        Workspace.open(workspace.root)
    (workspace.root / FILE).write_text("version = 1\n", "utf-8")
    with using("en"), pytest.raises(WorkspaceError, match="does not say tz"):
        Workspace.open(workspace.root)


def test_a_table_that_was_never_written_is_empty_and_typed(workspace: Workspace) -> None:
    for name, table in schema.TABLES.items():
        relation = workspace.relation(name)
        assert relation.columns == [column.name for column in table.stored]
        assert relation.fetchall() == []
    assert dict(zip(workspace.relation("orders").columns, workspace.relation("orders").types, strict=True))["amount"] == "DECIMAL(18,4)"
    with pytest.raises(UnknownName):
        workspace.relation("event")


def test_properties_are_columns_and_the_tables_own_names_come_first(tmp_path: Path, workspace: Workspace) -> None:
    header = ("user", "ts", "action", 'pa"ge/~1', "city")
    rows = [("u1", FIRST, "view", "home", "杭州"), ("u2", FIRST, "buy", "", "")]
    workspace.load(write(tmp_path / "a.csv", rows, header=header), MAPPING)
    relation = workspace.relation("events")
    assert relation.columns[-1] == 'pa"ge/~1'  # city has a column in the table, which this mapping did not fill
    values = relation.order("seq").project('"pa""ge/~1", city, properties->>\'$.city\', properties').fetchall()
    assert values[0][:3] == ("home", None, "杭州")
    assert values[1] == (None, None, None, None)


def test_a_relation_lives_on_the_connection_it_is_given(tmp_path: Path, workspace: Workspace) -> None:
    workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), MAPPING)
    with duckdb.connect() as connection:
        workspace.relation("events", connection).create_view("events")
        assert connection.execute("SELECT count(*) FROM events WHERE event = 'view'").fetchall() == [(4,)]


def test_as_of_a_version(tmp_path: Path, workspace: Workspace) -> None:
    first = workspace.load(write(tmp_path / "a.csv", [row(n) for n in range(10)]), MAPPING)
    second = workspace.load(write(tmp_path / "b.csv", [row(n) for n in range(10, 25)]), MAPPING)
    assert second.version > first.version
    assert stored(workspace, version=first.version).num_rows == 10
    assert stored(workspace).num_rows == 25


def test_status_and_loads_count_rows(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path / "a.csv", [row(n, step=DAY) for n in range(40)])  # 2024-10-27 to 2024-12-05 in Shanghai: three months
    workspace.load(path, MAPPING, who="ming")
    status = workspace.status().set_index("table")
    assert list(status.index) == list(schema.TABLES)
    assert (status.loc["events", "rows"], status.loc["events", "files"]) == (40, 3)
    assert status.loc["events", "bytes"] == sum(file.stat().st_size for file in (workspace.root / "tables" / "events").rglob("*.parquet"))
    assert status.loc["orders", "version"] == -1
    loads = workspace.loads()
    assert loads[["table", "source", "rows", "accepted", "who", "bytes"]].values.tolist() == [
        ["events", "a.csv", 40, 40, "ming", path.stat().st_size]
    ]


def test_months_are_cut_in_the_workspaces_time_zone(tmp_path: Path) -> None:
    moment = 1_735_660_800  # 2024-12-31 16:00 UTC: the first instant of 2025 in Shanghai
    rows = [("u1", moment - 1, "view", ""), ("u1", moment, "view", "")]
    for tz, months in (("Asia/Shanghai", ["2024-12", "2025-01"]), ("UTC", ["2024-12", "2024-12"])):
        workspace = Workspace.create(tmp_path / tz.replace("/", "-"), tz=tz)
        workspace.load(write(tmp_path / "a.csv", rows), MAPPING)
        assert stored(workspace).column("month").to_pylist() == months


def test_questions_are_asked_of_the_tables(tmp_path: Path, workspace: Workspace) -> None:
    rows = [("u1", FIRST, "view", ""), ("u1", FIRST, "buy", ""), ("u2", FIRST, "buy", ""), ("u2", FIRST, "view", "")]
    workspace.load(write(tmp_path / "a.csv", rows), MAPPING)
    funnel = workspace.events().funnel(["view", "buy"], within="1d").frame
    assert funnel["people"].tolist() == [2, 1]  # all four share a time, so their order in the file decides: u2 bought before viewing
