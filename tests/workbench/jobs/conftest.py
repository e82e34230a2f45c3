"""Jobs need a workspace, not its facts; and an installation of their own where processes are killed."""

import psycopg
import pytest
from tests.workbench.jobs.house import ENTER, FURNISH, House


@pytest.fixture
def workspace(empty_workspace):
    """The workspace of these tests holds no facts: it is made in a moment."""
    return empty_workspace


@pytest.fixture(scope="session")
def sqlite_house(tmp_path_factory):
    yield from _furnished(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_house(tmp_path_factory, postgres):
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE jobs")
    yield from _furnished(tmp_path_factory.mktemp("postgres"), postgres.rpartition("/")[0] + "/jobs")


def _furnished(home, url=""):
    made = House(home, url)
    made.do(FURNISH)
    made.do(ENTER)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def house(request):
    """An installation on each database in turn, without workers."""
    made = request.getfixturevalue(f"{request.param}_house")
    yield made
    made.rest()
    made.do("Job.objects.all().delete(); Schedule.objects.all().delete(); Worker.objects.all().delete(); Intent.objects.all().delete()")
