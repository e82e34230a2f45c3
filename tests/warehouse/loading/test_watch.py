"""Watched folders and databases bring each file and each row once, also when several look at once; what is bad or not finished waits."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.warehouse.shop import FIRST, MAPPING, row, stored, write

from tilth.errors import InputError, UnknownColumn
from tilth.warehouse.loading import watch, watermarks
from tilth.warehouse.loading.ingest import CancelledError
from tilth.warehouse.loading.watch import DatabaseSource, FolderSource, SourceError, source_from_json
from tilth.warehouse.workspace import Workspace

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "shop")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exports" / "old").mkdir(parents=True)
    return tmp_path / "exports"


def source(folder: Path, **more: object) -> FolderSource:
    return FolderSource("exports", str(folder), **{"pattern": "**/*", "mapping": MAPPING, "settle": 0, **more})  # type: ignore[arg-type]


def pages(workspace: Workspace) -> list[int]:
    return sorted(int(page[1:]) for page in stored(workspace)["page"].to_pylist())


def test_new_files_are_loaded_once(folder: Path, workspace: Workspace) -> None:
    write(folder / "a.csv", [row(n) for n in range(5)])
    write(folder / "old" / "b.csv", [row(n) for n in range(5, 8)])
    assert [(one.name, one.bytes) for one in watch.due(workspace, source(folder))] == [
        (name, (folder / name).stat().st_size) for name in ("a.csv", "old/b.csv")
    ]
    done = watch.run(workspace, source(folder), who="worker")
    assert [one.load.accepted for one in done if one.load] == [5, 3]
    assert workspace.loads()["who"].tolist() == ["worker", "worker"]
    assert watch.run(workspace, source(folder)) == []
    write(folder / "c.csv", [row(n) for n in range(8, 10)])
    shutil.copy(folder / "a.csv", folder / "a again.csv")  # the same file under another name
    assert [one.name for one in watch.due(workspace, source(folder))] == ["c.csv"]
    watch.run(workspace, source(folder))
    assert pages(workspace) == list(range(10))


def test_bad_files_stop_no_good_ones_and_are_tried_again(folder: Path, workspace: Workspace) -> None:
    write(folder / "1.csv", [row(n) for n in range(3)])
    (folder / "2.csv").write_bytes(b"other,columns\n1,2\n")
    (folder / "3.csv.gz").write_bytes(gzip.compress(b"user,ts,action,page\n" * 50)[:-12])
    (folder / "4.xlsx").write_bytes(b"PK\x03\x04 no spreadsheet")
    (folder / "5.parquet").write_bytes(b"PAR1 nothing")
    write(folder / "6.csv", [("", "never", "", ""), *(row(n) for n in range(3, 6))])
    done = watch.run(workspace, source(folder))
    assert [one.load is None for one in done] == [False, True, True, True, True, False]
    assert isinstance(done[1].error, UnknownColumn)
    assert all(one.problem for one in done if one.load is None)
    assert pages(workspace) == list(range(6))
    assert len(workspace.quarantine()) == 1
    write(folder / "2.csv", [row(6)])
    assert [one.name for one in watch.due(workspace, source(folder))] == ["2.csv", "3.csv.gz", "4.xlsx", "5.parquet"]
    assert watch.run(workspace, source(folder))[0].load is not None


def test_what_is_still_written_or_hidden_is_left_alone(folder: Path, workspace: Workspace) -> None:
    for name in (".hidden.csv", "~$open.xlsx", "ready.csv"):
        write(folder / name, [row(1)])
    (folder / "empty.csv").touch()
    assert watch.due(workspace, source(folder, settle=3600)) == []
    os.utime(folder / "ready.csv", (0, 0))  # as a copy that keeps the time of the original
    assert watch.due(workspace, source(folder, settle=3600)) == []
    assert [one.name for one in watch.due(workspace, source(folder))] == ["ready.csv"]
    assert watch.due(workspace, source(folder, pattern="*.xlsx")) == []


def test_a_file_that_grows_while_it_is_read_is_not_loaded(folder: Path, workspace: Workspace) -> None:
    path = write(folder / "a.csv", [row(n) for n in range(50)])

    def grow(progress: object) -> None:
        with path.open("a") as out:
            out.write(",".join(row(50)) + "\n")

    [done] = watch.run(workspace, source(folder), progress=grow)
    assert done.load is None
    assert isinstance(done.error, watch.GrowingError)
    assert stored(workspace).num_rows == 0
    [done] = watch.run(workspace, source(folder))
    assert done.load is not None
    assert pages(workspace)[:50] == list(range(50))


def test_cancelled_it_keeps_what_was_loaded_whole(folder: Path, workspace: Workspace) -> None:
    for part in range(3):
        write(folder / f"{part}.csv", [row(part)])
    with pytest.raises(CancelledError):
        watch.run(workspace, source(folder), cancel=lambda: len(workspace.loads()) == 2)
    assert pages(workspace) == [0, 1]
    assert len(watch.run(workspace, source(folder))) == 1


def test_an_undone_file_is_not_taken_again_by_itself(folder: Path, workspace: Workspace) -> None:
    write(folder / "a.csv", [row(1)])
    [done] = watch.run(workspace, source(folder))
    assert done.load is not None
    workspace.undo(done.load.id)
    assert watch.due(workspace, source(folder)) == []
    assert len(watch.run(workspace, source(folder), again=True)) == 1
    assert pages(workspace) == [1]


def test_old_files_are_not_read_through_every_time(folder: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in range(3):
        write(folder / f"{part}.csv", [row(part)])
    watch.run(workspace, source(folder))
    read = []
    monkeypatch.setattr(watch.blocks, "digest_of", lambda path: read.append(path) or DIGEST(path))
    watch.due(workspace, source(folder))
    assert len(read) == 3
    watch.due(workspace, source(folder))
    assert len(read) == 3
    write(folder / "1.csv", [row(7)])  # of the same size
    assert [one.name for one in watch.due(workspace, source(folder))] == ["1.csv"]
    assert len(read) == 4


DIGEST = watch.blocks.digest_of


@pytest.mark.parametrize(
    "given", [{"folder": "exports"}, {"pattern": "../*"}, {"pattern": "/etc/*"}, {"settle": -1}, {"name": ""}, {"table": "event"}]
)
def test_a_folder_that_cannot_be_watched_is_refused(folder: Path, given: dict[str, object]) -> None:
    with pytest.raises(InputError):
        replace(source(folder), **given)  # type: ignore[arg-type]


def test_a_folder_that_is_gone_says_so(folder: Path, workspace: Workspace) -> None:
    with pytest.raises(SourceError, match="There is no folder"):
        watch.due(workspace, source(folder / "gone"))


def test_sources_come_back_from_json(folder: Path) -> None:
    for one in (
        source(folder, table="events"),
        source(folder, mapping="youzan_orders"),
        DatabaseSource("crm", "SELECT 1 AS id", "id", mapping=MAPPING),
    ):
        assert source_from_json(one.to_json()) == one
    for text in ("{", "[]", '{"kind": "ftp"}', '{"kind": "folder", "name": "a"}', '{"kind": "folder", "name": "a", "folder": "/a", "depth": 3}'):
        with pytest.raises(InputError):
            source_from_json(text)


def look(root: Path, text: str, url: str | None) -> None:
    workspace = Workspace.open(root)
    for _round in range(6):
        for done in watch.run(workspace, source_from_json(text), url=url):
            assert done.error is None


def at_once(workspace: Workspace, given: FolderSource | DatabaseSource, url: str | None = None) -> list[int | None]:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=look, args=(workspace.root, given.to_json(), url)) for _process in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def test_several_look_at_a_folder_at_once(folder: Path, workspace: Workspace) -> None:
    for part in range(8):
        write(folder / f"{part}.csv", [row(n) for n in range(part * 50, part * 50 + 50)])
    assert at_once(workspace, source(folder)) == [0, 0, 0]
    assert pages(workspace) == list(range(400))


# --- databases


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("CREATE TABLE visits (id INTEGER, user TEXT, ts INTEGER, action TEXT, page TEXT)")
    return tmp_path / "crm.db"


def visit(crm: Path, *ids: int | None) -> None:
    """Add visits; the page tells them apart where their ids do not."""
    with sqlite3.connect(crm) as connection:
        count = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
        rows = [(id, *row(count + place)) for place, id in enumerate(ids)]
        connection.executemany("INSERT INTO visits VALUES (?, ?, ?, ?, ?)", rows)


VISITS = DatabaseSource("visits", "visits", "id", mapping=replace(MAPPING, rest="properties"))


@pytest.mark.parametrize("what", ["visits", "SELECT * FROM visits WHERE user <> ':x' -- all of them"])
def test_rows_above_the_mark_are_loaded_once(crm: Path, workspace: Workspace, what: str) -> None:
    visits, url = replace(VISITS, what=what), f"sqlite:///{crm}"
    assert watch.due(workspace, visits, url=url) == []
    visit(crm, 3, 1, 2, None)
    [due] = watch.due(workspace, visits, url=url)
    assert (due.name, due.rows, due.after, due.upto) == ("visits", 3, None, "3")
    [done] = watch.run(workspace, visits, url=url, who="worker")
    assert done.load is not None
    assert (done.load.accepted, done.load.source) == (3, "visits")
    assert watch.run(workspace, visits, url=url) == []
    visit(crm, 5, 4)
    [due] = watch.due(workspace, visits, url=url)
    assert (due.rows, due.after, due.upto) == (2, "3", "5")
    watch.run(workspace, visits, url=url)
    assert stored(workspace)["id"].to_pylist() == ["1", "2", "3", "4", "5"]


def test_with_a_key_rows_that_come_late_with_the_same_value_are_found(crm: Path, workspace: Workspace) -> None:
    url = f"sqlite:///{crm}"
    keyed = replace(VISITS, mapping=replace(MAPPING, key=("page",)))
    for given in (VISITS, replace(keyed, name="keyed")):
        workspace = Workspace.create(crm.parent / given.name)
        visit(crm, 7, 8, 8)
        watch.run(workspace, given, url=url)
        before = stored(workspace).num_rows
        visit(crm, 8)
        found = watch.run(workspace, given, url=url)
        if given is VISITS:
            assert found == []
        else:
            assert [one.load.accepted for one in found if one.load] == [1]
            assert stored(workspace).num_rows == before + 1
        assert watch.due(workspace, given, url=url) == []


def test_an_undone_stretch_is_not_taken_again_by_itself(crm: Path, workspace: Workspace) -> None:
    url = f"sqlite:///{crm}"
    visit(crm, 1, 2)
    watch.run(workspace, VISITS, url=url)
    visit(crm, 3)
    [done] = watch.run(workspace, VISITS, url=url)
    assert done.load is not None
    workspace.undo(done.load.id)
    assert watch.due(workspace, VISITS, url=url) == []
    visit(crm, 4)
    watch.run(workspace, VISITS, url=url)
    assert stored(workspace)["id"].to_pylist() == ["1", "2", "4"]
    workspace.undo(workspace.loads()["load"].tolist()[-1])
    assert [one.rows for one in watch.due(workspace, VISITS, url=url, again=True)] == [2]
    watch.run(workspace, VISITS, url=url, again=True)
    assert stored(workspace)["id"].to_pylist() == ["1", "2", "3", "4"]


def test_a_source_may_move_to_another_table(crm: Path, workspace: Workspace) -> None:
    from tilth.warehouse.loading.mapping import Field, Mapping

    url = f"sqlite:///{crm}"
    visit(crm, 1, 2)
    watch.run(workspace, VISITS, url=url)
    visit(crm, 3)
    people = Mapping("people", {"person": Field("user"), "time": Field("ts", "unix_s")})
    [done] = watch.run(workspace, replace(VISITS, mapping=people), url=url)
    assert done.load is not None
    assert (done.load.table, done.load.accepted) == ("people", 1)


def test_what_the_database_refuses_is_told_without_its_password(crm: Path, workspace: Workspace) -> None:
    with pytest.raises(SourceError, match="address"):
        watch.due(workspace, VISITS)
    visit(crm, 1)
    for wrong in (replace(VISITS, what="visitors"), replace(VISITS, column="number"), replace(VISITS, what="SELECT * FROM nowhere")):
        [done] = watch.run(workspace, wrong, url=f"sqlite:///{crm}")
        assert done.load is None
        assert done.problem
    [done] = watch.run(workspace, VISITS, url="postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(done.problem)
    assert "secret" not in VISITS.to_json()


def test_several_look_at_a_database_at_once(crm: Path, workspace: Workspace) -> None:
    visit(crm, *range(1, 301))
    assert at_once(workspace, VISITS, f"sqlite:///{crm}") == [0, 0, 0]
    visit(crm, *range(301, 401))
    assert at_once(workspace, VISITS, f"sqlite:///{crm}") == [0, 0, 0]
    assert sorted(map(int, stored(workspace)["id"].to_pylist())) == list(range(1, 401))
    assert len(workspace.loads()) == 2


def test_a_server_with_times_that_rows_grow_by(postgres: str, workspace: Workspace) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text('DROP TABLE IF EXISTS "访问"'))
        connection.execute(sa.text('CREATE TABLE "访问" ("user" text, ts bigint, action text, page text, "更新" timestamptz)'))
    visits = DatabaseSource("访问", "访问", "更新", mapping=MAPPING)
    for start in (0, 5):
        with engine.begin() as connection:
            for n in range(start, start + 5):
                values = dict(zip(("user", "ts", "action", "page"), row(n), strict=True)) | {"at": datetime.fromtimestamp(FIRST + n * 0.5, UTC)}
                connection.execute(sa.text('INSERT INTO "访问" VALUES (:user, CAST(:ts AS bigint), :action, :page, :at)'), values)
        [done] = watch.run(workspace, visits, url=postgres)
        assert done.error is None
        assert done.load is not None
        assert done.load.accepted == 5
        assert watch.due(workspace, visits, url=postgres) == []
    assert pages(workspace) == list(range(10))


@pytest.mark.parametrize(
    "value", [0, -7, 2.5, Decimal("1.50"), datetime(2025, 1, 1, 8), datetime(2025, 1, 1, tzinfo=UTC), date(2025, 1, 1), "2025-01-01 08"]
)
def test_a_mark_comes_back_as_it_was(value: object) -> None:
    back = watermarks.read_back(watermarks.written(value))
    assert (back, type(back)) == (value, type(value))


def test_rows_do_not_grow_by_yes_and_no() -> None:
    with pytest.raises(SourceError, match="cannot grow by a bool"):
        watermarks.written(True)
