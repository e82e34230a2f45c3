"""What was backed up comes back, whatever happened meanwhile; what is damaged is told, and nothing is overwritten."""

from __future__ import annotations

import json
import multiprocessing
import zipfile
from pathlib import Path

import pytest
from tests.warehouse.shop import MAPPING, figures, row, stored, write

from tilth.language import using
from tilth.warehouse.backup import FORMAT, MANIFEST, BackupError, backup, check, restore
from tilth.warehouse.loading.ingest import Progress
from tilth.warehouse.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path / "shop", tz="Asia/Tokyo")
    for part in range(3):
        workspace.load(write(tmp_path / f"{part}.csv", [*(row(n) for n in range(part * 50, part * 50 + 50)), ("", "", "", "")]), MAPPING)
    (workspace.root / "templates").mkdir()
    (workspace.root / "templates" / "有赞.toml").write_text("x = 1\n", "utf-8")
    return workspace


def test_a_workspace_comes_back_whole(tmp_path: Path, workspace: Workspace) -> None:
    told: list[Progress] = []
    made = backup(workspace, tmp_path / "a.zip", told.append)
    assert told[-1].done == told[-1].total == made.bytes
    back = restore(tmp_path / "a.zip", tmp_path / "back")
    assert (back.tz, back.version) == ("Asia/Tokyo", workspace.version)
    assert figures(back) == figures(workspace)
    assert stored(back).equals(stored(workspace))
    assert back.quarantine().equals(workspace.quarantine())
    assert (back.root / "templates" / "有赞.toml").read_text("utf-8") == "x = 1\n"
    assert back.load(tmp_path / "1.csv", MAPPING).already
    load = back.load(write(tmp_path / "new.csv", [row(n) for n in range(500, 510)]), MAPPING)
    assert load.accepted == 10
    assert stored(back).column("page").to_pylist()[-1] == "p509"  # its seq goes on after the old ones


def test_compacted_and_checkpointed_tables_come_back(tmp_path: Path, workspace: Workspace) -> None:
    workspace.compact()
    handle = workspace.table("events").open()
    assert handle is not None
    handle.create_checkpoint()
    workspace.load(write(tmp_path / "later.csv", [row(n) for n in range(900, 905)]), MAPPING)
    backup(workspace, tmp_path / "a.zip")
    assert stored(restore(tmp_path / "a.zip", tmp_path / "back")).equals(stored(workspace))


def test_an_empty_workspace_too(tmp_path: Path) -> None:
    made = backup(Workspace.create(tmp_path / "new"), tmp_path / "a.zip")
    assert (made.files, made.versions) == (1, {})
    assert restore(tmp_path / "a.zip", tmp_path / "back").status()["rows"].sum() == 0


def keep_loading(root: Path, folder: Path) -> None:
    workspace = Workspace.open(root)
    for part in range(12):
        workspace.load(write(folder / f"more-{part}.csv", [*(row(n) for n in range(1000 + part * 10, 1010 + part * 10)), ("", "", "", "")]), MAPPING)


def test_a_backup_while_loads_run_is_consistent(tmp_path: Path, workspace: Workspace) -> None:
    process = multiprocessing.get_context("spawn").Process(target=keep_loading, args=(workspace.root, tmp_path))
    process.start()
    made = 0
    while process.is_alive():
        backup(workspace, tmp_path / f"{made}.zip")
        made += 1
    assert process.exitcode == 0
    for number in sorted({0, made // 2, made - 1}):
        back = restore(tmp_path / f"{number}.zip", tmp_path / f"back-{number}")
        rows, loads = stored(back), back.loads()
        assert set(rows.column("load").to_pylist()) == set(loads["load"])
        assert rows.num_rows == loads["accepted"].sum()
        assert len(back.quarantine()) == len(loads)
        assert back.load(tmp_path / "0.csv", MAPPING).already
        back.load(write(tmp_path / f"after-{number}.csv", [row(n) for n in range(5000, 5010)]), MAPPING)
        assert len(set(stored(back).column("seq").to_pylist())) == rows.num_rows + 10


def test_nothing_is_overwritten(tmp_path: Path, workspace: Workspace) -> None:
    backup(workspace, tmp_path / "a.zip")
    before = figures(workspace)
    with using("en"), pytest.raises(BackupError, match="Restore into an empty or a new folder"):
        restore(tmp_path / "a.zip", workspace.root)
    assert figures(workspace) == before


def entry(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return next(name for name in archive.namelist() if name.endswith(".parquet"))


def rewritten(path: Path, out: Path, change: dict[str, bytes | None]) -> Path:
    """Copy an archive with some entries changed, or left out (None)."""
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(out, "w") as copy:
        for name in archive.namelist():
            content = change.get(name, archive.read(name))
            if content is not None:
                copy.writestr(name, content)
    return out


def test_damage_is_told_and_leaves_nothing_behind(tmp_path: Path, workspace: Workspace) -> None:
    whole = tmp_path / "a.zip"
    backup(workspace, whole)
    assert check(whole)["format"] == FORMAT
    name = entry(whole)
    manifest = check(whole)
    newer = json.dumps({**manifest, "format": FORMAT + 1}).encode()
    outside = json.dumps({**manifest, "files": {"../../evil": {"bytes": 0, "sha256": ""}}}).encode()
    (tmp_path / "half.zip").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    raw = bytearray(whole.read_bytes())
    place = raw.find(b"PAR1", raw.find(name.encode())) + 20
    raw[place] ^= 0xFF
    (tmp_path / "flipped.zip").write_bytes(bytes(raw))
    cases = {
        tmp_path / "nowhere.zip": "There is no such file",
        tmp_path / "half.zip": "no whole archive",
        tmp_path / "flipped.zip": "is damaged",
        rewritten(whole, tmp_path / "changed.zip", {name: b"PAR1"}): "is damaged",
        rewritten(whole, tmp_path / "missing.zip", {name: None}): "is missing in it",
        rewritten(whole, tmp_path / "bare.zip", {MANIFEST: None}): "no manifest",
        rewritten(whole, tmp_path / "newer.zip", {MANIFEST: newer}): "newer Tilth",
        rewritten(whole, tmp_path / "outside.zip", {MANIFEST: outside}): "outside the workspace",
    }
    for path, told in cases.items():
        with using("en"), pytest.raises(BackupError, match=told):
            restore(path, tmp_path / "back")
        assert not list(tmp_path.glob("*back*"))
        if path.exists():
            with using("en"), pytest.raises(BackupError, match=told):
                check(path)


def test_a_backup_that_fails_leaves_the_older_one(tmp_path: Path, workspace: Workspace) -> None:
    backup(workspace, tmp_path / "a.zip")
    before = (tmp_path / "a.zip").read_bytes()

    def full(progress: Progress) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        backup(workspace, tmp_path / "a.zip", full)
    assert (tmp_path / "a.zip").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "zip" in path.name] == ["a.zip"]
