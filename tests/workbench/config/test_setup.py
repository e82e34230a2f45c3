"""What an installation needs before it serves is made once, and only where it is missing."""

import shutil

import pytest

from tilth.engine.home import home
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.accounts.models import User
from tilth.workbench.config.setup import prepare
from tilth.workbench.tenancy.models import Membership, Workspace


@pytest.fixture
def folders(db):
    made = [Facts.create(home() / "workspaces" / name) for name in ("from-terminal", "Not An Address")]
    yield made
    for one in made:
        shutil.rmtree(one.root)


def test_workspaces_made_in_the_terminal_are_there_for_the_administrator(folders):
    first = prepare("chief@example.com")
    assert first.password
    assert User.objects.get().check_password(first.password)
    assert Workspace.objects.filter(slug="from-terminal").count() == 1
    assert not Workspace.objects.filter(name="Not An Address").exists()
    assert Membership.objects.get(workspace__slug="from-terminal").role == "owner"


def test_a_second_time_changes_nothing_and_shows_no_password(folders):
    prepare("chief@example.com")
    before = (User.objects.count(), Workspace.objects.count(), Membership.objects.count())
    assert prepare("other@example.com").password == ""
    assert (User.objects.count(), Workspace.objects.count(), Membership.objects.count()) == before
