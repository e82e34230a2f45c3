"""The settings of a workspace, and making one."""

import pytest

from tilth.errors import InputError
from tilth.warehouse.workspace import Workspace as Facts
from tilth.workbench.accounts.actions.workspaces import create_workspace
from tilth.workbench.accounts.models import User
from tilth.workbench.tenancy import scope
from tilth.workbench.tenancy.models import Entry, Membership, Workspace
from tilth.workbench.tenancy.policy import Refused

PAGE = "/w/shop/settings/workspace/"
TOLD = {"name": "禾间生活", "tz": "Asia/Tokyo", "currency": "JPY", "week_start": "sunday", "red_up": "on"}


def test_only_owners_change_it_and_managers_see_it(client_as, outsider, role, workspace):
    expected = {"owner": (200, 302), "manager": (200, 403)}.get(role, (403, 403))
    assert (client_as(role).get(PAGE).status_code, client_as(role).post(PAGE, TOLD).status_code) == expected
    assert outsider.get(PAGE).status_code == 404
    workspace.refresh_from_db()
    assert (workspace.name == "禾间生活") is (role == "owner")


def test_what_decides_how_facts_are_read_is_written_beside_the_facts_too(client_as, workspace):
    client_as("owner").post(PAGE, TOLD)
    facts = Facts.open(workspace.folder)
    assert (facts.tz, facts.currency, facts.week_start) == ("Asia/Tokyo", "JPY", "sunday")
    workspace.refresh_from_db()
    assert (workspace.tz, workspace.currency, workspace.week_start, workspace.red_up, workspace.short_numbers) == (
        *("Asia/Tokyo", "JPY", "sunday"),
        *(True, False),
    )
    with scope.use(workspace):
        assert Entry.objects.get(code="workspace.change").details["changed"] == ["currency", "name", "red_up", "tz", "week_start"]


@pytest.mark.parametrize(
    ("field", "value"), [("tz", "Mars/Olympus"), ("currency", "yuan"), ("currency", "cny"), ("week_start", "friday"), ("name", "")]
)
def test_a_setting_that_is_none_is_refused_and_nothing_changes(client_as, workspace, field, value):
    page = client_as("owner").post(PAGE, {**TOLD, field: value})
    assert page.status_code == 200
    assert page.context["form"].errors[field]
    workspace.refresh_from_db()
    assert (workspace.tz, Facts.open(workspace.folder).tz) == ("Asia/Shanghai", "Asia/Shanghai")


def test_the_page_says_what_is_not_set_up_and_how(client_as):
    page = client_as("owner").get(PAGE).content.decode()
    for words in ("wecom_client = …, wecom_agent = …", "secrets/feishu", "http://127.0.0.1:8000/sign-in/dingtalk/login/callback/"):
        assert words in page


@pytest.fixture
def administrator(member):
    user = member("owner")
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def folder(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("tilth.workbench.tenancy.models.home", lambda: tmp_path)
    return tmp_path / "workspaces"


def test_an_administrator_makes_a_workspace_with_a_folder_of_facts(client_as, administrator, folder):
    told = {"name": "新店", "slug": "new-shop", "tz": "Asia/Shanghai", "currency": "CNY", "week_start": "monday"}
    assert client_as("owner").post("/workspaces/new/", told).headers["Location"] == "/w/new-shop/"
    made = Workspace.objects.get(slug="new-shop")
    assert Facts.open(folder / "new-shop").tz == "Asia/Shanghai"
    assert Membership.objects.get(workspace=made).role == "owner"
    with scope.use(made):
        assert Entry.objects.get().code == "workspace.create"


def test_nobody_else_finds_that_page(client_as, client):
    assert client_as("owner").get("/workspaces/new/").status_code == 404
    assert client.get("/workspaces/new/", headers={"host": "localhost"}).status_code == 302
    with pytest.raises(Refused):
        create_workspace(User(email="a@b.example"), slug="x", name="x")


def test_a_folder_that_is_not_empty_is_left_alone(administrator, folder):
    (folder / "taken").mkdir(parents=True)
    (folder / "taken" / "file").write_text("x")
    with pytest.raises(InputError):
        create_workspace(administrator, slug="taken", name="x")
    assert not Workspace.objects.filter(slug="taken").exists()
    assert not Membership.objects.filter(workspace__slug="taken").exists()


@pytest.mark.parametrize("slug", ["shop", "Shop", "-x", "a b", "../x", "x" * 41])
def test_an_address_that_cannot_be_is_refused(client_as, administrator, folder, slug):
    told = {"name": "x", "slug": slug, "tz": "Asia/Shanghai", "currency": "CNY", "week_start": "monday"}
    page = client_as("owner").post("/workspaces/new/", told)
    assert page.status_code == 200
    assert page.context["form"].errors["slug"]


def test_the_switcher_leads_to_a_new_workspace_who_may_make_one(client_as, member):
    link = 'href="/workspaces/new/"'
    assert link not in client_as("owner").get("/w/shop/").content.decode()
    User.objects.filter(pk=member("owner").pk).update(is_staff=True)
    client = client_as("owner")
    assert link in client.get("/w/shop/").content.decode()
    assert client.get("/workspaces/new/").status_code == 200
