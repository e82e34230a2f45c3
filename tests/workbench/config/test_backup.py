"""The whole installation in one archive, taken while a process writes to it, and restored into an empty data folder."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tilth.warehouse.workspace import Workspace as Facts

WRITER = """
import os, sys, itertools
from tilth.workbench.config import setup
setup.start_django()
from tilth.workbench.accounts.models import User
from tilth.workbench.jobs.actions import start
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership
actor = Actor.of(Membership.objects.select_related("workspace", "user").first())
print("writing", flush=True)
for number in itertools.count():
    start(actor, "data.demo", title=f"job {number}")
    actor.workspace.facts.load(sys.argv[1], table="events")
"""


def run(home, *words, ok=0):
    environment = {**os.environ, "TILTH_DATABASE_URL": "", "TILTH_HOME": str(home), "TILTH_LOG_LEVEL": "error", "TILTH_LANG": "en"}
    done = subprocess.run([sys.executable, "-m", "tilth.cli.main", *words], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == ok, done.stderr + done.stdout
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory, demo_facts):
    """The data folder of an installation with one workspace, an owner, a picture and settings."""
    made = tmp_path_factory.mktemp("home")
    shutil.copytree(demo_facts, made / "workspaces" / "demo")
    (made / "cache").mkdir()
    (made / "cache" / "kernels").symlink_to(Path(os.environ["TILTH_HOME"], "cache", "kernels"))
    prepare = (
        "from tilth.workbench.config import setup; setup.start_django(); from pathlib import Path; import sys; setup.prepare(demo=Path(sys.argv[1]))"
    )
    environment = {**os.environ, "TILTH_DATABASE_URL": "", "TILTH_HOME": str(made), "TILTH_LOG_LEVEL": "error"}
    subprocess.run([sys.executable, "-c", prepare, str(made / "workspaces" / "demo")], env=environment, check=True, timeout=300)
    (made / "media" / "images").mkdir(parents=True)
    (made / "media" / "images" / "a.png").write_bytes(b"picture")
    (made / "tilth.toml").write_text('tz = "Asia/Tokyo"\n')
    return made


def rows(home):
    with sqlite3.connect(home / "tilth.sqlite3") as opened:
        return {table: opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("jobs_job", "tenancy_entry", "accounts_user")}


def test_a_backup_during_writing_is_of_one_moment_and_is_restored(home, tmp_path):
    events = tmp_path / "more.csv"
    events.write_text("user_id,ts,event\nu1,2025-03-01 10:00:00,open\n")
    environment = {**os.environ, "TILTH_DATABASE_URL": "", "TILTH_HOME": str(home), "TILTH_LOG_LEVEL": "error"}
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(events)], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout.readline() == "writing\n"
        time.sleep(1)
        file = tmp_path / "all.zip"
        run(home, "backup", "--all", str(file))
        run(home, "restore", "--check", str(file))
        assert writer.poll() is None  # it could write all the time
    finally:
        writer.kill()
        writer.wait()
    again = tmp_path / "again"
    again.mkdir()
    told = json.loads(run(again, "restore", str(file), "--json").stdout)
    found = rows(again)
    # every job has its audit entry, written in the same transaction
    assert 0 < found["jobs_job"] == found["tenancy_entry"] == told["rows"]["jobs_job"] <= rows(home)["jobs_job"]
    restored, written = (Facts.open(one / "workspaces" / "demo").status().set_index("table")["rows"] for one in (again, home))
    assert 0 < restored["events"] <= written["events"]
    assert restored["orders"] == written["orders"]
    assert (again / "media" / "images" / "a.png").read_bytes() == b"picture"
    assert (again / "tilth.toml").read_text() == 'tz = "Asia/Tokyo"\n'
    assert (
        not (again / "secrets" / "personal").exists() or (again / "secrets" / "personal").read_text() != (home / "secrets" / "personal").read_text()
    )
    assert "already" in run(again, "restore", str(file), ok=1).stderr


def test_a_damaged_archive_changes_nothing(home, tmp_path):
    file, bad = tmp_path / "all.zip", tmp_path / "bad.zip"
    run(home, "backup", "--all", str(file))
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(bad, "w") as cut:
        for name in whole.namelist():
            data = whole.read(name)
            cut.writestr(name, data[:-1] + bytes([data[-1] ^ 1]) if name == "control.sqlite3" else data)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "control.sqlite3" in run(empty, "restore", str(bad), ok=1).stderr
    assert not (empty / "workspaces").exists()
    assert not (empty / "tilth.sqlite3").exists()
    assert "secrets" not in " ".join(zipfile.ZipFile(file).namelist())
