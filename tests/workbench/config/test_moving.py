"""The control database carried from SQLite to a real PostgreSQL, and from there into a backup and back."""

import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys

import psycopg
import pytest
from tests.workbench.config.test_backup import home, rows, run  # noqa: F401

FILL = """
import datetime as dt
from tilth.workbench.config import setup
setup.start_django()
from tilth.workbench.jobs.actions import start
from tilth.workbench.people.models import Change, Segment
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.actions import Actor
from tilth.workbench.tenancy.models import Membership
from django.utils import timezone
actor = Actor.of(Membership.objects.select_related("workspace", "user").first())
with scope.use(actor.workspace):
    for number in range(1100):
        Segment.objects.create(name=f"人群 {number} “é”", code=f"c{number}", source={"z": 1.0, "a": [1.5, None, True], "嵌": {"k": 1e-9}})
    Change.objects.create(segment=Segment.objects.first(), verb="enter", people=b"\\x00\\xff", at=timezone.now())
start(actor, "data.demo", title="演示")
"""


@pytest.fixture
def target(postgres):
    """The address of an empty database on the server."""
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS moved")
        server.execute("CREATE DATABASE moved")
    return postgres.removesuffix("/postgres") + "/moved"


def test_every_row_is_carried_and_the_next_number_is_free(home, target, tmp_path):  # noqa: F811
    environment = {**os.environ, "TILTH_DATABASE_URL": "", "TILTH_HOME": str(home), "TILTH_LOG_LEVEL": "error"}
    subprocess.run([sys.executable, "-c", FILL], env=environment, check=True, timeout=300)
    told = json.loads(run(home, "move-database", target, "--json").stdout)
    with sqlite3.connect(home / "tilth.sqlite3") as here, psycopg.connect(target) as there:
        for table, count in told["rows"].items():
            assert here.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] == count, table
            assert there.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] == count, table
        name, source = there.execute("SELECT name, source FROM people_segment WHERE code = 'c7'").fetchone()
        assert (name, source) == ("人群 7 “é”", {"z": 1.0, "a": [1.5, None, True], "嵌": {"k": 1e-9}})
        assert bytes(there.execute("SELECT people FROM people_change").fetchone()[0]) == b"\x00\xff"
        made = dt.datetime.fromisoformat(here.execute("SELECT created_at FROM jobs_job").fetchone()[0]).replace(tzinfo=dt.UTC)
        assert there.execute("SELECT created_at FROM jobs_job").fetchone()[0] == made
        last = there.execute("SELECT max(id) FROM people_segment").fetchone()[0]
        assert there.execute("SELECT nextval(pg_get_serial_sequence('people_segment', 'id'))").fetchone()[0] == last + 1
    assert "already" in run(home, "move-database", target, ok=1).stderr
    # a backup of the installation on PostgreSQL is restored into one on SQLite
    (home / "tilth.toml").write_text(f'[database]\nurl = "{target}"\n')
    try:
        run(home, "backup", "--all", str(tmp_path / "all.zip"))
    finally:
        (home / "tilth.toml").write_text('tz = "Asia/Tokyo"\n')
    again = tmp_path / "again"
    again.mkdir()
    (again / "tilth.toml").write_text("")
    run(again, "restore", str(tmp_path / "all.zip"))
    assert rows(again) == rows(home)
